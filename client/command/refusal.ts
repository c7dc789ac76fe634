import { TRPCClientError } from '@trpc/client'

import type { AppRouter } from '../../plugin/api/trpc/router.ts'
import type { ErrorBody } from '../../plugin/contract/errors/error-body.ts'
import { plainAnswer } from '../terminal/answer-text.ts'
import { REMEDIES, withoutHttp } from '../texts/remedies.ts'

type Refusal = ErrorBody['error']

/** A refusal by one of the host's own routes; its error body has the same format as the plugin's. */
export class HostRefused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.message)
    this.name = 'HostRefused'
    this.refusal = refusal
  }
}

/** The error body of a refusal; null if the host did not refuse the call. */
export function refusalIn(thrown: unknown): Refusal | null {
  if (thrown instanceof HostRefused) return thrown.refusal
  const refused: TRPCClientError<AppRouter> | null = thrown instanceof TRPCClientError ? thrown : null
  return refused?.data?.error ?? null
}

const isOfFile = (thrown: unknown): thrown is NodeJS.ErrnoException & { path: string } =>
  thrown instanceof Error && 'code' in thrown && 'path' in thrown && typeof thrown.path === 'string'

/** fetch throws a TypeError with a cause when it cannot reach the host. */
const isOfNetwork = (thrown: unknown): boolean =>
  thrown instanceof TRPCClientError || (thrown instanceof TypeError && thrown.cause !== undefined)

function linesOf({ message, code, request_id, retry_at: retryAt, problems = [] }: Refusal): string[] {
  const places = problems.map(({ file, row, column, message: what }) => {
    const place = [file, row, column].filter(part => part !== null && part !== '').join(':')
    return `  ${place === '' ? '' : `${place}: `}${what}`
  })
  const said =
    withoutHttp(message, retryAt !== undefined) ?? (code in REMEDIES ? 'The host refused the call.' : message)
  return [`${said} (${code}, ${request_id})`, ...places]
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/

/** What a person can do about the refusal, one line each; `account`: the account that the command named. */
function remediesFor({ code, retry_at: retryAt }: Refusal, account: string | undefined): string[] {
  const remedy = REMEDIES[code]?.(account !== undefined && NAME.test(account) ? ` --account ${account}` : '')
  return [...(retryAt === undefined ? [] : [`Again at ${retryAt}.`]), ...(remedy === undefined ? [] : [remedy])]
}

/** Why a command failed, for a person. @throws the error itself if it is unexpected. */
export function whyNotDone(thrown: unknown, origin: string): string {
  const refusal = refusalIn(thrown)
  if (refusal) return linesOf(plainAnswer(refusal)).join('\n')
  if (isOfFile(thrown)) return `${thrown.path} cannot be read (${thrown.code}).`
  if (isOfNetwork(thrown)) return `The host at ${origin} did not answer. Is it running, and does AGENTCY_URL name it?`
  throw thrown
}

/** The same, followed by what to do about it, including commands to run. @throws as {@link whyNotDone}. */
export function reasonOf(thrown: unknown, origin: string, account?: string): string {
  const refusal = refusalIn(thrown)
  const remedies = refusal ? remediesFor(plainAnswer(refusal), account) : []
  return [whyNotDone(thrown, origin), ...remedies.map(line => `  → ${line}`)].join('\n')
}
