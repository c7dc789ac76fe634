import { decodeTime, monotonicFactory } from 'ulid'

const nextUlid = monotonicFactory()

/** From now on every id sorts after this one, even if the clock is behind. */
export function idsFollow(id: string): void {
  nextUlid(decodeTime(id.slice(id.indexOf('_') + 1)) + 1)
}

/** A new id such as `msg_01J…`. Within one process each id sorts after the previous one, even within a millisecond. */
export function rowId<Prefix extends 'apr' | 'bnd' | 'msg' | 'per' | 'qr' | 'req' | 'snd' | 'trn'>(
  prefix: Prefix,
): `${Prefix}_${string}` {
  return `${prefix}_${nextUlid()}`
}
