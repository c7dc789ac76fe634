import { Verdicts } from './explained.tsx'
import { useChannel } from '../data/channel.ts'
import { Loaded } from '../parts/loaded.tsx'
import { useQuery } from '../data/query.ts'
import { explainTexts as texts } from '../texts/explain-texts.ts'

/** Which binding matched a message and why each of them did or did not, by the bindings of that time. */
export function Trace({ id, outcome }: { id: string; outcome: string | undefined }) {
  const { client } = useChannel()
  const trace = useQuery(signal => client.whatsapp.messages.trace.query({ id }, { signal }), [id, outcome])
  return (
    <>
      <h3>{texts.bindingsInTheirOrder}</h3>
      <Loaded query={trace}>
        {explanation =>
          explanation.bindings.length === 0 ? (
            <p class="quiet">{texts.thereWereNone}</p>
          ) : (
            <Verdicts explanation={explanation} />
          )
        }
      </Loaded>
    </>
  )
}
