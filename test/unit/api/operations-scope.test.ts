import { expect, it } from 'vitest'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import type { Operations } from '../../../plugin/contract/operations.ts'

/** Whose an operation is: an org, or what is within one. */
type Whose = OrgId | { readonly org: OrgId }

type OfNobody<Asked> = {
  [Name in keyof Asked]: Asked[Name] extends (first: infer First, ...more: never[]) => unknown
    ? [First] extends [Whose]
      ? never
      : Name
    : Name
}[keyof Asked]

/** The operations of all parts, under the names of both. */
type EachOperation = {
  [
    Path in {
      [Part in keyof Operations]: `${Part}.${keyof Operations[Part] & string}`
    }[keyof Operations]
  ]: Path extends `${infer Part extends keyof Operations}.${infer Name}`
    ? Operations[Part][Name & keyof Operations[Part]]
    : never
}

it('every operation names the org that it acts on, by the compiler’s word', () => {
  const none: [OfNobody<EachOperation>] extends [never] ? 'none' : OfNobody<EachOperation> = 'none'
  // @ts-expect-error what acts on all would be found
  const all: [OfNobody<EachOperation & { reloadAll(): Promise<void> }>] extends [never] ? 'none' : 'reloadAll' = 'none'
  // @ts-expect-error and so would what takes anybody's id
  const any: [OfNobody<{ find(id: string): void }>] extends [never] ? 'none' : 'find' = 'none'
  expect([none, all, any]).toEqual(['none', 'none', 'none'])
})
