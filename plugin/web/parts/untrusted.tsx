import './untrusted.css'

import { plainText } from '../../contract/plain-text.ts'

/** Shows a value that a stranger may have written, as plain text; long values scroll, also by keyboard. */
export function Untrusted({ label, value }: { label: string; value: unknown }) {
  return (
    <pre class="untrusted" role="group" aria-label={label} tabIndex={0}>
      {plainText(JSON.stringify(value, null, 2))}
    </pre>
  )
}

/** The same for a text whose invisible characters the host has already made visible. */
export function UntrustedLine({ label, text }: { label: string; text: string }) {
  return (
    <pre class="untrusted" role="group" aria-label={label} tabIndex={0}>
      {text}
    </pre>
  )
}
