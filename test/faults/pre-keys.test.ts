import { getNextPreKeys, initAuthCreds } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import { controlCall } from '../../host-stub/whatsapp/client/control-call.ts'
import { qrOf, startGateway, type RunningGateway } from '../support/gateway.ts'
import { entriesOf, isText, messageIn, textsIn } from '../support/journal-entries.ts'
import { journalTown } from '../support/journal-town.ts'
import { startNetwork, type PhoneCharacter, type RunningNetwork } from '../support/network.ts'
import { signalPair } from '../support/signal-pair.ts'

/** The network asks for more when so many are left, and Baileys publishes so many then. */
const [OLD_KEYS, NEW_KEYS] = [4, 5]

type Town = { readonly network: RunningNetwork; readonly gateway: RunningGateway; readonly owner: PhoneCharacter }

/** What has been asked about keys so far: publications among it. */
const keyQueries = async ({ network }: Town): Promise<number> => (await network.ledger()).queries['encrypt'] ?? 0

/** The network has the keys, and the gateway does not know. */
const published = ({ network }: Town, queries: number) =>
  network.ledgerWhen(page => (page.queries['encrypt'] ?? 0) >= queries)

async function dieAndComeBack({ network, gateway, owner }: Town): Promise<void> {
  const times = gateway.readyTimes()
  process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
  await network.faults.withholdKeyAnswers(owner, false)
  await gateway.whenReady(times + 1)
  const after = gateway.events.length
  await gateway.open()
  await gateway.connection('connected', after)
}

/** Each stranger uses one key, the oldest first. */
async function strangersWrite({ network, gateway, owner }: Town, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const stranger = await network.phone(`stranger ${number}`)
    const id = await stranger.says(`with key ${number}`, { to: owner })
    await messageIn(gateway, isText(`with key ${number}`))
    const record = await network.messageWhen(id, ({ settlements }) => settlements > 0)
    expect(record).toMatchObject({ retries: 0, errors: [], deliveries: 1 })
  }
}

describe('F10: killed while it publishes one-time keys, which the network has', () => {
  it('can read whoever uses the first ones of a new link', async () => {
    await using network = await startNetwork()
    await using gateway = await startGateway({ network })
    const town = { network, gateway, owner: await network.phone('owner') }
    await network.faults.withholdKeyAnswers(town.owner, true)
    await gateway.open()
    await gateway.supervisor.call('pairing.start', { ...gateway.account, session: 'qrs_1' })
    const shown = await gateway.pairing('qrs_1', 'pending')
    await town.owner.scan(qrOf(shown))
    // How many there are, and the publication itself.
    await published(town, 2)
    await dieAndComeBack(town)
    await strangersWrite(town, 5)
  })

  it('can read whoever took those that replace used ones before, and writes after it published more', async () => {
    await using town = await journalTown()
    const { network, gateway, owner } = town
    const queries = await keyQueries(town)
    await network.faults.withholdKeyAnswers(owner, true)
    await network.faults.spendPreKeys(owner, OLD_KEYS)
    await published(town, queries + 1)
    const names = Array.from({ length: OLD_KEYS + NEW_KEYS }, (_, number) => `stranger ${number}`)
    for (const name of names) await network.phone(name)
    const call = controlCall(network.state)
    const letters = { authors: names, to: { phone: owner.name }, count: names.length, label: 'with key' }
    const { burst } = await call('bursts/load', letters)
    await dieAndComeBack(town)
    await network.ledgerWhen(page => (page.queries['encrypt'] ?? 0) >= queries + 3)
    await call('bursts/release', { burst })
    for (const number of names.keys()) await messageIn(gateway, isText(`with key ${number}`))
    const messages = (await entriesOf(gateway)).filter(({ kind }) => kind === 'message')
    expect(textsIn(messages)).toHaveLength(messages.length)
  })
})

describe('F10: a one-time key', () => {
  it('is in the file before Baileys can hand it out, also while it holds its own changes back', async () => {
    await using pair = await signalPair()
    const { store, baileysKeys: keys, crash } = pair.open()
    const creds = { ...initAuthCreds(), nextPreKeyId: 2, firstUnuploadedPreKeyId: 2 }
    const kept = store.database.prepare("SELECT count(*) FROM keys WHERE type = 'pre-key' AND id = ?").pluck()
    const transaction = keys.transaction(async () => {
      const { preKeys } = await getNextPreKeys({ creds, keys }, 5)
      expect(Object.keys(preKeys).map(id => kept.get(id))).toEqual([1, 1, 1, 1, 1])
      throw new Error('the process dies here')
    }, 'retry receipt')
    await expect(transaction).rejects.toThrow('dies here')
    crash()
  })
})
