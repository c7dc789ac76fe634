import { randomBytes } from 'node:crypto'

/** The key with which a phone and its devices encrypt the app state. */
export interface AppStateKey {
  id: Buffer
  data: Buffer
}

const idBytes = 6
const dataBytes = 32

export const makeAppStateKey = (): AppStateKey => ({ id: randomBytes(idBytes), data: randomBytes(dataBytes) })
