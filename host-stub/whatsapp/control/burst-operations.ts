import type { BurstProgress, LoadedMessage, Moments } from '../world/bursts.ts'
import type { ParsedOf } from '../contract/control-contract.ts'
import { phoneNamed } from '../contract/named-phone.ts'
import { findChat, usualMode } from './phone-operations.ts'
import { prepare } from '../phone/speaking.ts'
import type { World } from '../world/world.ts'

/** The authors, in turn, write and encrypt this many messages; none of them is sent yet. */
export async function loadBurst(
  world: World,
  { authors, to, count, label }: ParsedOf<'bursts/load'>,
): Promise<{ burst: string }> {
  const chat = findChat(world, to)
  const addressedBy = usualMode(chat)
  const people = authors.map(name => phoneNamed(world, name))
  const loaded: LoadedMessage[] = []
  for (let index = 0; index < count; index++) {
    const author = people[index % people.length]
    if (!author) throw new Error('a burst needs authors')
    const text = `${label} ${index}`
    const content = { conversation: text }
    const draft = { author, chat, content, addressedBy, revealAlternate: true, garbled: 0 }
    loaded.push({ author: author.name, text, ...(await prepare(world, draft)) })
  }
  return { burst: world.bursts.load(loaded) }
}

export function releaseBurst(world: World, { burst, per_second }: ParsedOf<'bursts/release'>): Record<string, never> {
  world.bursts.release(burst, per_second)
  return {}
}

export function burstProgress(
  world: World,
  { burst, passage, wait_ms }: ParsedOf<'bursts/progress'>,
): Promise<BurstProgress> {
  return world.bursts.progress(burst, passage, wait_ms)
}

export function burstMoments(world: World, { burst }: ParsedOf<'bursts/moments'>): { moments: Moments[] } {
  return { moments: world.bursts.moments(burst) }
}
