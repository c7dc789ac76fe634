import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { ArtifactWatch } from '../../../plugin/health/artifact-watch.ts'
import { BackendState } from '../../../plugin/health/backend-state.ts'
import type { Artifacts } from '../../../plugin/contract/host.ts'
import { LOCAL_ORG } from '../../../plugin/contract/ids.ts'

const SECOND_MS = 1_000
const refused = (code: string): Error => Object.assign(new Error('no'), { code })

/** Artifacts of which a test says what they answer, and a watch over them. */
function watched() {
  const state = new BackendState()
  const given = { asked: 0, reach: (): Promise<void> => Promise.resolve(), put: (): Promise<never> => Promise.reject() }
  const artifacts = {
    put: () => given.put(),
    reach: () => {
      given.asked += 1
      return given.reach()
    },
  } as unknown as Artifacts
  return { given, state, watch: new ArtifactWatch(artifacts, state) }
}

const never = (): Promise<never> => new Promise(() => undefined)
const causes = (state: BackendState): (string | null)[] =>
  state.problems('files_unreachable', Date.now()).map(({ cause }) => cause)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('Whether files can be kept', () => {
  it('is asked at the first look and every 30 s, and is known with the next look', async () => {
    const { given, state, watch } = watched()
    given.reach = () => Promise.reject(refused('ECONNREFUSED'))
    watch.look(0)
    await vi.advanceTimersByTimeAsync(0)
    expect(causes(state)).toEqual(['ECONNREFUSED'])
    given.reach = () => Promise.resolve()
    watch.look(5 * SECOND_MS)
    await vi.advanceTimersByTimeAsync(0)
    expect(causes(state)).toEqual([])
    watch.look(34 * SECOND_MS)
    expect(given.asked).toBe(2)
    watch.look(35 * SECOND_MS)
    expect(given.asked).toBe(3)
  })

  it('is not known of a host that has not answered for 10 s, which is not asked twice meanwhile', async () => {
    const { given, state, watch } = watched()
    given.reach = never
    watch.look(0)
    watch.look(40 * SECOND_MS)
    await vi.advanceTimersByTimeAsync(9 * SECOND_MS)
    expect([given.asked, causes(state)]).toEqual([1, []])
    await vi.advanceTimersByTimeAsync(SECOND_MS)
    expect(causes(state)).toEqual(['overdue'])
    watch.look(45 * SECOND_MS)
    expect(given.asked).toBe(2)
  })

  it('is asked at the next look when a file could not be kept, which alone says nothing', async () => {
    const { given, state, watch } = watched()
    watch.look(0)
    await vi.advanceTimersByTimeAsync(0)
    given.put = () => Promise.reject(refused('EACCES'))
    await expect(watch.observed.put(LOCAL_ORG, null as never, null as never)).rejects.toThrow('no')
    expect(causes(state)).toEqual([])
    watch.look(SECOND_MS)
    expect(given.asked).toBe(2)
  })

  it('holds up no end: nobody waits for the answer then', async () => {
    const { given, state, watch } = watched()
    given.reach = never
    watch.look(0)
    watch.close()
    await vi.advanceTimersByTimeAsync(0)
    expect([vi.getTimerCount(), causes(state)]).toEqual([0, []])
  })
})
