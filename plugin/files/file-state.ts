import type { BigIntStats } from 'node:fs'

/** Identifies a file and its state. Only the system sets the time of the last change (ctime). */
export const fileState = ({ dev, ino, size, ctimeNs }: BigIntStats): string => [dev, ino, size, ctimeNs].join(' ')
