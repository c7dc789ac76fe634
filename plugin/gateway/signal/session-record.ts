/** One session of a device, as libsignal writes it. Only libsignal reads its chains. */
type Session = {
  readonly registrationId: number
  readonly indexInfo: {
    /** -1 while it is the session for writing. */
    readonly closed: number
    /** When it last gave a plaintext, ms. */
    readonly used: number
    readonly remoteIdentityKey: string
  }
}

/** All sessions with one device, by their base keys. */
export type SessionRecord = { readonly _sessions: Readonly<Record<string, Session>> }

type Device = { readonly registrationId: number; readonly identityKey: Uint8Array }

/** Whether there is a session for writing, and it is with exactly this device. */
export function isOpenWith(record: SessionRecord | undefined, { registrationId, identityKey }: Device): boolean {
  const open = Object.values(record?._sessions ?? {}).find(({ indexInfo }) => indexInfo.closed === -1)
  const identity = Buffer.from(identityKey).toString('base64')
  return open?.registrationId === registrationId && open.indexInfo.remoteIdentityKey === identity
}

/**
 * The record after a message was decrypted, with every session restored that did not give the plaintext: libsignal takes a ratchet
 * step in each session that it tries and keeps them all, and what is then written in such a session is unreadable.
 */
export function withoutVainSteps<Record extends SessionRecord>(before: Record, after: Record): Record {
  const sessions = Object.entries(after._sessions)
  if (sessions.length < 2) return after
  const newest = Math.max(...sessions.map(([, { indexInfo }]) => indexInfo.used))
  const gave = sessions.filter(([key, { indexInfo }]) => indexInfo.used !== before._sessions[key]?.indexInfo.used)
  const last = gave.length > 0 ? gave : sessions.filter(([, { indexInfo }]) => indexInfo.used === newest)
  const kept = new Set(last.map(([key]) => key))
  const restored = sessions.map(([key, session]) => [key, kept.has(key) ? session : (before._sessions[key] ?? session)])
  return { ...after, _sessions: Object.fromEntries(restored) as SessionRecord['_sessions'] }
}

/** The record without a session for writing. */
export function withoutOpen<Record extends SessionRecord>(record: Record): Record {
  const sessions = Object.entries(record._sessions).map(([key, session]) => {
    const { indexInfo } = session
    return [
      key,
      indexInfo.closed === -1 ? { ...session, indexInfo: { ...indexInfo, closed: indexInfo.used } } : session,
    ]
  })
  return { ...record, _sessions: Object.fromEntries(sessions) as SessionRecord['_sessions'] }
}
