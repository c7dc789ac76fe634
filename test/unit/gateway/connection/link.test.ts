import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createBackoff } from '../../../../plugin/base/backoff.ts'
import type { ConnectionState } from '../../../../plugin/contract/connection.ts'
import { createConnectPace } from '../../../../plugin/gateway/login/connect-limiter.ts'
import type { Connection, ConnectionListener } from '../../../../plugin/gateway/connection/socket.ts'
import type { Closing } from '../../../../plugin/gateway/connection/disconnect-policy.ts'
import { createLink } from '../../../../plugin/gateway/connection/reconnect.ts'
import { createLoginAttempts } from '../../../../plugin/gateway/login/login-attempts.ts'
import { versionOf } from '../../../support/announced-version.ts'

type Listener = Pick<ConnectionListener, 'opened' | 'closed'>

const closing = (code: number, more: Partial<Closing> = {}): Closing => ({
  code,
  cause: null,
  attested: true,
  banMs: null,
  ...more,
})

/** A link whose connections do what `meets` says, on the clock of the test. */
function linkTo(meets: (listener: Listener) => void, random = () => 0, pace = createConnectPace(Date.now)) {
  const states: ConnectionState['status'][] = []
  const reasons: (string | null)[] = []
  const attempts: number[] = []
  const link = createLink({
    now: Date.now,
    attempts: createLoginAttempts({ version: versionOf(), pace, now: Date.now }),
    outdatedDetail: 'too old',
    expires: () => undefined,
    backoff: createBackoff(random),
    report: state => {
      states.push(state.status)
      reasons.push('reason' in state ? (state.reason ?? null) : null)
    },
    opened: () => ({ status: 'connecting' }),
    connect: (_version, listener) => {
      attempts.push(Date.now())
      queueMicrotask(() => meets(listener))
      return { end: () => Promise.resolve() } as Connection
    },
  })
  return { link, states, reasons, attempts }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a link', () => {
  it('meets a server that flaps for a minute at most 8 times', async () => {
    const { link, attempts } = linkTo(listener => {
      listener.opened()
      listener.closed(closing(428))
    })
    link.start(Date.now())
    await vi.advanceTimersByTimeAsync(60_000)
    expect(attempts.length).toBeLessThanOrEqual(8)
    expect(attempts.length).toBeGreaterThan(3)
  })

  it('says why it was lost for as long as it connects again, and no more once it is up', async () => {
    let tries = 0
    const { link, states, reasons } = linkTo(listener => {
      tries += 1
      if (tries > 1) listener.opened()
      if (tries < 3) listener.closed(closing(503))
    })
    link.start(Date.now())
    await vi.advanceTimersByTimeAsync(600_000)
    const told = states.map((status, at) => `${status} ${reasons[at] ?? '-'}`)
    const [first, lost, again] = told
    expect(first).toBe('connecting -')
    expect(lost).toMatch(/^waiting [a-z_]+$/)
    expect(again).toBe(lost?.replace('waiting', 'connecting'))
    // Up, and lost anew.
    expect(told.slice(3)).toEqual(['connecting -', lost, again, 'connecting -'])
  })

  it('never gives up, and asks every 5 minutes at the latest', async () => {
    const { link, attempts } = linkTo(
      listener => listener.closed(closing(503)),
      () => 1,
    )
    link.start(Date.now())
    await vi.advanceTimersByTimeAsync(24 * 3_600_000)
    expect(attempts.length).toBeGreaterThan(280)
    await link.stop()
  })

  it('answers one 515 at once and the next ones as any other end', async () => {
    const { link, attempts, states } = linkTo(listener => {
      listener.opened()
      listener.closed(closing(515))
    })
    link.start(Date.now())
    await vi.advanceTimersByTimeAsync(200)
    expect(attempts).toHaveLength(2)
    expect(states.at(-1)).toBe('waiting')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(attempts.length).toBeLessThanOrEqual(9)
    await link.stop()
  })

  it('waits for the end of a ban that outlasts any timer', async () => {
    const day = 86_400_000
    let banned = true
    const { link, attempts } = linkTo(listener => {
      if (banned) listener.closed(closing(402, { banMs: 40 * day }))
    })
    link.start(Date.now())
    await vi.advanceTimersByTimeAsync(40 * day - 1)
    expect(attempts).toHaveLength(1)
    banned = false
    await vi.advanceTimersByTimeAsync(1)
    expect(attempts).toHaveLength(2)
    await link.stop()
  })

  it('stays stopped until it is started again', async () => {
    const { link, attempts } = linkTo(listener => listener.closed(closing(440)))
    link.start(Date.now())
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(attempts).toHaveLength(1)
    link.start(Date.now())
    await vi.advanceTimersByTimeAsync(0)
    expect(attempts).toHaveLength(2)
  })

  it('makes no further attempt once it was stopped', async () => {
    const { link, attempts } = linkTo(listener => listener.closed(closing(428)))
    link.start(Date.now())
    await vi.advanceTimersByTimeAsync(0)
    await link.stop()
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(attempts).toHaveLength(1)
  })

  it('that is stopped while it waits for its turn does not connect, and takes no turn from others', async () => {
    const pace = createConnectPace(Date.now)
    const links = Array.from({ length: 3 }, () =>
      linkTo(
        () => undefined,
        () => 0,
        pace,
      ),
    )
    for (const { link } of links) link.start(Date.now())
    expect(links.map(({ states }) => states)).toEqual(links.map(() => ['connecting']))
    await links[1]?.link.stop()
    await vi.advanceTimersByTimeAsync(200)
    expect(links.map(({ attempts }) => attempts.length)).toEqual([1, 0, 1])
    links[1]?.link.start(Date.now())
    await vi.advanceTimersByTimeAsync(200)
    expect(links[1]?.attempts).toHaveLength(1)
  })
})
