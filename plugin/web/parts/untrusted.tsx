import './untrusted.css'

import { plainText } from '../../contract/plain-text.ts'

/** What a stranger may have written, as a text and nothing else; long ones are scrolled, by keys as well. */
export function Untrusted({ label, value }: { label: string; value: unknown }) {
  return (
    <pre class="untrusted" role="group" aria-label={label} tabIndex={0}>
      {plainText(JSON.stringify(value, null, 2))}
    </pre>
  )
}

/** The same of a text that the host has made plain. */
export function UntrustedLine({ label, text }: { label: string; text: string }) {
  return (
    <pre class="untrusted" role="group" aria-label={label} tabIndex={0}>
      {text}
    </pre>
  )
}
