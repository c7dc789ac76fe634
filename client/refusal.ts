import { TRPCClientError } from '@trpc/client'

import type { AppRouter } from '../plugin/api/router.ts'
import type { ErrorBody } from '../plugin/contract/error-body.ts'
import { plainAnswer } from './plain-answer.ts'

type Refusal = ErrorBody['error']

/** The host's own routes refuse with the body that the plugin's do. */
export class HostRefused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.message)
    this.name = 'HostRefused'
    this.refusal = refusal
  }
}

function refusalIn(thrown: unknown): Refusal | null {
  if (thrown instanceof HostRefused) return thrown.refusal
  const refused: TRPCClientError<AppRouter> | null = thrown instanceof TRPCClientError ? thrown : null
  return refused?.data?.error ?? null
}

const isOfFile = (thrown: unknown): thrown is NodeJS.ErrnoException & { path: string } =>
  thrown instanceof Error && 'code' in thrown && 'path' in thrown && typeof thrown.path === 'string'

/** fetch throws a TypeError for whatever keeps it from the host, and has the cause in it. */
const isOfNetwork = (thrown: unknown): boolean =>
  thrown instanceof TRPCClientError || (thrown instanceof TypeError && thrown.cause !== undefined)

function linesOf({ message, code, request_id, problems = [] }: Refusal): string[] {
  const places = problems.map(({ file, row, column, message: what }) => {
    const place = [file, row, column].filter(part => part !== null && part !== '').join(':')
    return `  ${place === '' ? '' : `${place}: `}${what}`
  })
  return [`${message} (${code}, ${request_id})`, ...places]
}

/** Why a command was not done, for a person. @throws what was thrown when that is nothing that is foreseen. */
export function reasonOf(thrown: unknown, origin: string): string {
  const refusal = refusalIn(thrown)
  if (refusal) return linesOf(plainAnswer(refusal)).join('\n')
  if (isOfFile(thrown)) return `${thrown.path} cannot be read (${thrown.code}).`
  if (isOfNetwork(thrown)) return `The host at ${origin} did not answer. Is it running, and does AGENTCY_URL name it?`
  throw thrown
}
