import type { AnyProcedure } from '@trpc/server'
import type { z } from 'zod'

import type { CallRule } from '../auth/call-rule.ts'
import { type AppRouter, appRouter } from './router.ts'

type PathsIn<Part, Before extends string = ''> = {
  [Name in keyof Part & string]: Part[Name] extends AnyProcedure
    ? `${Before}${Name}`
    : PathsIn<Part[Name], `${Before}${Name}.`>
}[keyof Part & string]

/** The path of a procedure. */
export type ProcedurePath = PathsIn<AppRouter['_def']['record']>

type Listed = {
  readonly _def: {
    readonly type: 'query' | 'mutation' | 'subscription'
    readonly meta: CallRule
    /** One schema, or none. */
    readonly inputs: readonly z.ZodType[]
    /** Missing for subscriptions. */
    readonly output?: z.ZodType
  }
}

/** The procedures of the router by path. tRPC stores them flat but types them nested. */
export const PROCEDURES = appRouter._def.procedures as unknown as Readonly<Record<ProcedurePath, Listed>>

export const isProcedurePath = (path: string): path is ProcedurePath => Object.hasOwn(PROCEDURES, path)

export const ruleOf = (path: ProcedurePath): CallRule => PROCEDURES[path]._def.meta
