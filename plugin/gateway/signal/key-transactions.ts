import { AsyncLocalStorage } from 'node:async_hooks'
import type { SignalDataSet, SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys'

import type { ObservedKeys } from '../tables/lid-learning-keys.ts'

/**
 * The account's keys as the Signal sessions use them. Every step is one commit; the code that answers WhatsApp for the step flushes
 * it.
 */
export type RatchetKeys = SignalKeyStoreWithTransaction & {
  /** Runs work. Its changes, and what `along` writes about its result, are committed together or not at all. */
  readonly commit: <Result>(work: () => Promise<Result>, along?: (result: Result) => void) => Promise<Result>
}

type Values = Record<string, unknown>

/** The changes of one step. Nothing else sees them until they are committed. */
type Step = { readonly changes: Record<string, Values>; over: boolean }

/**
 * A transaction capability apart from the one that Baileys puts over the same store: Baileys keeps a send in one transaction from
 * the first key to after the last frame, so a ratchet step within it would become durable only once its ciphertext had left
 * (whatsapp-protocol.md §6). `atomically` runs one transaction of the file.
 */
export function createRatchetKeys(keys: ObservedKeys, atomically: (write: () => void) => void): RatchetKeys {
  const current = new AsyncLocalStorage<Step>()
  const underWay = (): Step | null => {
    const step = current.getStore()
    return step && !step.over ? step : null
  }
  const commit: RatchetKeys['commit'] = async (work, along) => {
    const step: Step = { changes: {}, over: false }
    try {
      const result = await current.run(step, work)
      atomically(() => {
        if (Object.keys(step.changes).length > 0) keys.write(step.changes as SignalDataSet)
        along?.(result)
      })
      return result
    } finally {
      step.over = true
    }
  }
  return {
    commit,
    isInTransaction: () => underWay() !== null,
    transaction: work => (underWay() ? work() : commit(work)),
    get: async (type, ids) => {
      const changed = underWay()?.changes[type] ?? {}
      const stored: Values = await keys.get(
        type,
        ids.filter(id => !(id in changed)),
      )
      const found: Values = {}
      for (const id of ids) {
        const value = id in changed ? changed[id] : stored[id]
        if (value !== null && value !== undefined) found[id] = value
      }
      return found as never
    },
    set: async changes => {
      const step = underWay()
      if (!step) return keys.set(changes)
      for (const [type, entries] of Object.entries(changes)) step.changes[type] = { ...step.changes[type], ...entries }
    },
  }
}
