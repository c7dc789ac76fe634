import { isText, messageIn } from './journal-entries.ts'
import type { JournalTown } from './journal-town.ts'
import type { PhoneCharacter } from './network.ts'

/** At which kind of address a message was written, and with which token, in order. */
export const wireOf = async ({ network }: JournalTown, id: string): Promise<string[]> =>
  (await network.message(id)).addressed.map(({ to, token }) => (token ? `${to} ${token}` : to))

/** Somebody writes, and the gateway has it. */
export async function hearsFrom(
  town: JournalTown,
  who: PhoneCharacter,
  { by, revealAlternate = true }: { by: 'lid' | 'pn'; revealAlternate?: boolean },
): Promise<void> {
  const text = `${who.name} by ${by}`
  await who.says(text, { to: town.owner, addressedBy: by, revealAlternate })
  await messageIn(town.gateway, isText(text))
}

/** The gateway is killed, and there again. */
export async function killAndReturn({ gateway }: JournalTown): Promise<void> {
  const times = gateway.readyTimes()
  process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
  await gateway.whenReady(times + 1)
  const seen = gateway.events.length
  await gateway.open()
  await gateway.connection('connected', seen)
}
