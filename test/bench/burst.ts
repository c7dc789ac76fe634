import type { BurstProgress, Moments, Passage } from '../../host-stub/whatsapp/world/bursts.ts'
import type { GroupCharacter, PhoneCharacter } from '../../host-stub/whatsapp/client/phone-character.ts'
import type { Network } from './processes.ts'

/** Who writes, and where to. */
export type Scene = {
  readonly authors: readonly PhoneCharacter[]
  readonly to: PhoneCharacter | GroupCharacter
}

/** Messages that are encrypted and wait. */
export type Burst = {
  release(perSecond?: number): Promise<void>
  /** How far it came once all of it has got there, or once nothing has moved for a while. */
  until(passage: Passage): Promise<BurstProgress>
  moments(): Promise<readonly Moments[]>
}

/** A contender that answers nothing for so long has given up. */
const stallMs = 20_000
let bursts = 0

export async function loadBurst({ call }: Network, { authors, to }: Scene, count: number): Promise<Burst> {
  const target = 'subject' in to ? { group: to.id } : { phone: to.name }
  const label = `burst ${++bursts} message`
  const { burst } = await call('bursts/load', { authors: authors.map(({ name }) => name), to: target, count, label })
  return {
    release: async perSecond => {
      await call('bursts/release', { burst, ...(perSecond === undefined ? {} : { per_second: perSecond }) })
    },
    until: async passage => {
      for (let before = -1; ;) {
        const progress = await call('bursts/progress', { burst, passage, wait_ms: stallMs })
        const reached = passage === 'answered_at' ? progress.answered : progress.settled
        if (reached >= progress.count || reached === before) return progress
        before = reached
      }
    },
    moments: async () => (await call('bursts/moments', { burst })).moments,
  }
}

/** Everybody says something once and is answered, so that all sessions exist before a clock starts. */
export async function warmUp(network: Network, scene: Scene): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const burst = await loadBurst(network, scene, scene.authors.length)
    await burst.release()
    const { answered, count } = await burst.until('answered_at')
    if (answered < count) throw new Error(`the warm-up was answered ${answered} times of ${count}`)
  }
}
