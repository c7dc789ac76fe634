import type { NetworkState, Operation, RequestOf, Responses } from '../contract/control-contract.ts'

/** Calls one operation of the network's control API. */
export type ControlCall = <Name extends Operation>(name: Name, request: RequestOf<Name>) => Promise<Responses[Name]>

export function controlCall({ control, control_token: token }: NetworkState): ControlCall {
  return async <Name extends Operation>(name: Name, request: RequestOf<Name>) => {
    const response = await fetch(`${control}/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    })
    const body = (await response.json()) as { error?: { message: string } }
    if (!response.ok) throw new Error(`${name}: ${body.error?.message ?? response.statusText}`)
    return body as Responses[Name]
  }
}

const longestPollMs = 20_000

/** Repeats `ask`, which waits for a change, until it returns an answer; undefined after `withinMs`. */
export async function pollUntil<Answer>(
  withinMs: number,
  ask: (waitMs: number) => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  const endsAt = Date.now() + withinMs
  let answer = await ask(0)
  while (answer === undefined && Date.now() < endsAt) {
    answer = await ask(Math.max(1, Math.min(longestPollMs, endsAt - Date.now())))
  }
  return answer
}
