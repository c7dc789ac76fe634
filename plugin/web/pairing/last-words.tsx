import type { WireLastWords } from '../../contract/api/channels.ts'
import { pairingTexts as texts } from '../texts/pairing-texts.ts'

/** WhatsApp's words when it ended a connection: shown as text, addresses too. */
export function LastWords({ said }: { said: WireLastWords | null | undefined }) {
  const parts = Object.entries(texts.lastWordNames).flatMap(([key, name]) => {
    const text = said?.[key as keyof WireLastWords] ?? null
    return text === null ? [] : [{ name, text }]
  })
  if (parts.length === 0) return null
  return (
    <section aria-label={texts.lastWords}>
      <h3>{texts.lastWords}</h3>
      <dl class="facts">
        {parts.map(({ name, text }) => (
          <>
            <dt>{name}</dt>
            <dd>
              <bdi>{text}</bdi>
            </dd>
          </>
        ))}
      </dl>
    </section>
  )
}
