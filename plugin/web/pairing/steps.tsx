import { pairingTexts as texts } from '../texts/pairing-texts.ts'

/** A drawing of where to link a device on a phone. */
function Drawing() {
  return (
    <svg class="drawing" viewBox="0 0 220 120" aria-hidden="true">
      <rect x="8" y="6" width="56" height="108" rx="9" />
      <path d="M28 14h16" />
      <circle class="dot" cx="50" cy="104" r="4" />
      <path d="M18 40h36M18 54h36M18 68h24" />
      <rect class="mark" x="14" y="47" width="44" height="14" rx="4" />
      <path class="arrow" d="M74 60h24m-7-7 7 7-7 7" />
      <rect x="108" y="28" width="64" height="64" rx="6" />
      <path d="M118 38h14v14h-14zM148 38h14v14h-14zM118 68h14v14h-14zM148 68h6v6h-6zM156 76h6v6h-6zM138 56h8v8h-8z" />
      <path class="arrow" d="M182 60h24m-7-7 7 7-7 7" />
    </svg>
  )
}

/** The steps on the phone to link it. */
export function Steps({ by }: { by: 'qr' | 'code' }) {
  return (
    <div class="steps">
      <Drawing />
      <p>{texts.steps.where[by]}</p>
      <ol>
        <li>{texts.steps.open}</li>
        <li>{texts.steps.menu}</li>
        <li>{texts.steps.last[by]}</li>
      </ol>
    </div>
  )
}
