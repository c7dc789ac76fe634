import type { Operation, RequestOf, Responses } from '../whatsapp/contract/control-contract.ts'

/** The key under which the surrounding page stores the token, in this tab only. */
const TOKEN = 'agentcy.token'

/** The host or the network refused a call, with a sentence for a person. */
export class Refused extends Error {}

/**
 * Calls an operation of the simulated network through the host.
 * @throws Refused
 */
export async function call<Name extends Operation>(
  name: Name,
  request: RequestOf<Name>,
  signal: AbortSignal | null = null,
): Promise<Responses[Name]> {
  const token = sessionStorage.getItem(TOKEN)
  if (token === null) throw new Refused('Nobody is signed in. Open this from the page of the channel.')
  const response = await fetch(`/simulated-phone/control/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal,
  })
  const said = (await response.json().catch(() => ({}))) as { error?: { message: string } }
  if (!response.ok) throw new Refused(said.error?.message ?? 'The host does not answer as it should.')
  return said as Responses[Name]
}

/** Why a call failed, for a person. */
export const sentenceOf = (thrown: unknown): string =>
  thrown instanceof Refused ? thrown.message : 'The host does not answer. This goes on by itself once it does.'
