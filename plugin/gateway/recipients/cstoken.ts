import { createHmac } from 'node:crypto'
import type { BaileysEventMap, BinaryNode } from '@whiskeysockets/baileys'

import type { Lid } from '../../contract/ids.ts'
import { saltOfAction, saltOfHistory } from './nct-salt.ts'
import type { KeyRows } from './privacy-tokens.ts'

/** The tokens that the account computes itself, for people who have given it none: from a salt and the recipient's LID. */
export type ComputedTokens = {
  /** Null while the account has no salt. */
  readonly tokenFor: (lid: Lid) => BinaryNode | null
  /** An event of Baileys: a history may contain a salt. */
  readonly reported: <Name extends keyof BaileysEventMap>(event: Name, payload: BaileysEventMap[Name]) => void
  /** An action of the app state: it may set the salt, or withdraw it. */
  readonly acted: (action: unknown) => void
  /** A new login has replaced the old one and its keys. */
  readonly forget: () => void
}

/** Where the salt is stored among the account's keys: it is deleted with them. */
const SALT = 'nct-salt'

export function createComputedTokens({ rowAt, write }: KeyRows): ComputedTokens {
  /** Undefined: not read yet. */
  let salt: Uint8Array | null | undefined
  const saltNow = (): Uint8Array | null => {
    if (salt === undefined) salt = rowAt(SALT, '')?.token ?? null
    return salt
  }
  const keep = (given: Uint8Array | null): void => {
    salt = given
    write(SALT, '', given && { token: Buffer.from(given) })
  }
  return {
    tokenFor: lid => {
      const known = saltNow()
      return known && { tag: 'cstoken', attrs: {}, content: createHmac('sha256', known).update(`${lid}@lid`).digest() }
    },
    reported: (event, payload) => {
      if (event !== 'messaging-history.set') return
      const given = saltOfHistory(payload as BaileysEventMap['messaging-history.set'])
      if (given) keep(given)
    },
    acted: action => {
      const given = saltOfAction(action)
      if (given) keep(given === 'withdrawn' ? null : given)
    },
    forget: () => void (salt = undefined),
  }
}
