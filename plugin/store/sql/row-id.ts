import { decodeTime, monotonicFactory } from 'ulid'

const nextUlid = monotonicFactory()

/** From now on every id sorts after this one of its kind, whatever the clock says. */
export function idsFollow(id: string): void {
  nextUlid(decodeTime(id.slice(id.indexOf('_') + 1)) + 1)
}

/** A new id such as `msg_01J…`: within one process each sorts after the one before, also within a millisecond. */
export function rowId<Prefix extends 'apr' | 'bnd' | 'msg' | 'per' | 'qr' | 'req' | 'snd' | 'trn'>(
  prefix: Prefix,
): `${Prefix}_${string}` {
  return `${prefix}_${nextUlid()}`
}
