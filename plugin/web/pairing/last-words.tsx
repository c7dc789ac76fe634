import type { WireLastWords } from '../../contract/api/channels.ts'

const NAMES = { code: 'Code', header: 'Title', subtext: 'Text', message: 'Message', url: 'Address' } as const

/** WhatsApp's words when it ended a connection: shown as text, addresses too. */
export function LastWords({ said }: { said: WireLastWords | null | undefined }) {
  const parts = Object.entries(NAMES).flatMap(([key, name]) => {
    const text = said?.[key as keyof WireLastWords] ?? null
    return text === null ? [] : [{ name, text }]
  })
  if (parts.length === 0) return null
  return (
    <section aria-label="What WhatsApp said">
      <h3>What WhatsApp said</h3>
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
