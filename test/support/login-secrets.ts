import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import Database from 'better-sqlite3'

type Bytes = { readonly type: 'Buffer'; readonly data: string }
type Login = Record<'noiseKey' | 'signedIdentityKey' | 'pairingEphemeralKeyPair', { readonly private: Bytes }> & {
  readonly advSecretKey: string
}

/** The secrets of every login below a gateway's folder, in the forms in which they could be printed. */
export function loginSecrets(authFolder: string): string[] {
  if (!existsSync(authFolder)) return []
  const files = readdirSync(authFolder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.sqlite'))
  return files.flatMap(file => secretsIn(join(authFolder, file)))
}

function secretsIn(file: string): string[] {
  const database = new Database(file, { readonly: true })
  try {
    const text = database.prepare<[], string>("SELECT value FROM meta WHERE name = 'creds'").pluck().get()
    if (text === undefined) return []
    const login = JSON.parse(text) as Login
    const keys = [login.noiseKey, login.signedIdentityKey, login.pairingEphemeralKeyPair].map(pair => pair.private.data)
    return [...keys, login.advSecretKey].flatMap(key => [key, Buffer.from(key, 'base64').toString('hex')])
  } catch {
    // A file that a test has spoilt holds no login.
    return []
  } finally {
    database.close()
  }
}
