import { monotonicFactory } from 'ulid'

const nextUlid = monotonicFactory()

/** A new id such as `msg_01J…`: within one process each sorts after the one before, also within a millisecond. */
export function rowId<Prefix extends 'bnd' | 'msg' | 'per' | 'qr' | 'req' | 'snd' | 'trn'>(
  prefix: Prefix,
): `${Prefix}_${string}` {
  return `${prefix}_${nextUlid()}`
}
