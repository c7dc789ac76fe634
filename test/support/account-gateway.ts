import type { ConnectionState, PairingState } from '../../plugin/contract/connection.ts'
import { ChannelError } from '../../plugin/contract/errors/errors.ts'
import type { CommandName, Gateway, GatewayCommands, GatewayEvent } from '../../plugin/contract/gateway-protocol.ts'
import type { AccountKey, Phone } from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import type { GatewayClientSettings } from '../../plugin/supervisor/gateway-client.ts'
import type { AccountLifecycleParts } from '../../plugin/accounts/account-lifecycle.ts'
import { StandInGateway } from './stand-in-gateway.ts'

/** What a gateway keeps of an account; the login is the number that it is linked as. */
type AccountFile = {
  readonly key: AccountKey
  readonly journal: StandInGateway
  login: Phone | null
  session: string
  isOpen: boolean
}

const SINCE = 1_700_000_000_000

/** A gateway with several accounts, and the phones that they are linked to. It outlives the host that it tells. */
export class AccountGateway
  implements Gateway, Pick<AccountLifecycleParts['gateway'], 'start' | 'call' | 'reconfigure' | 'needsAnother'>
{
  readonly #files = new Map<string, AccountFile>()
  /** Who is told; null while there is no host. */
  host: ((event: GatewayEvent) => void) | null = null
  /** What every command meets that is about to be carried out. */
  before: (name: CommandName, key: AccountKey) => Promise<void> | void = () => undefined

  start = (): Promise<void> => Promise.resolve()
  /** Whether the settings that are put into force take another gateway. */
  isAnother = false
  needsAnother = (): boolean => this.isAnother
  /** The settings that were put into force here. */
  readonly configured: GatewayClientSettings[] = []
  reconfigure = async (settings: GatewayClientSettings): Promise<boolean> => {
    this.configured.push(settings)
    return false
  }

  /** The accounts whose devices a phone lists as linked. */
  devicesOf(phone: Phone): AccountKey[] {
    return [...this.#files.values()].flatMap(({ key, login }) => (login === phone ? [key] : []))
  }

  /** A phone scans the code that an account shows now: its device is linked, whether or not anybody is told. */
  scan(key: AccountKey, phone: Phone): void {
    const file = this.#file(key)
    if (file.session === '') throw new TypeError('no code is shown')
    file.login = phone
    this.#state(file, { status: 'connecting' })
  }

  /** The new device has logged in. */
  logIn(key: AccountKey): void {
    const file = this.#file(key)
    if (file.login === null) throw new TypeError('nothing is linked')
    this.#state(file, { status: 'connected', phone: file.login, since: SINCE })
    this.#pairing(file, { status: 'connected', phone: file.login })
    file.session = ''
  }

  /** A person removes the device on the phone. */
  removeDevice(key: AccountKey): void {
    const file = this.#file(key)
    file.login = null
    this.#state(file, { status: 'stopped', reason: 'logged_out', permanent: true, detail: 'removed' })
  }

  /** The process dies; the next one has no account open. */
  die(): void {
    for (const file of this.#files.values()) file.isOpen = false
  }

  /** The line is lost. */
  loseLine(key: AccountKey): void {
    const retryAt = SINCE
    this.#state(this.#file(key), { status: 'waiting', reason: 'connection_lost', permanent: false, retryAt })
  }

  /** Messages come in at an account. */
  receive(key: AccountKey, ...messages: InboundMessage[]): void {
    const { journal } = this.#file(key)
    journal.receive(...messages)
    this.#tell(key, { event: 'journal', head: journal.journal.length })
  }

  /** What an account has transmitted. */
  textsOf(key: AccountKey): string[] {
    return this.#file(key).journal.texts
  }

  async call<Name extends CommandName>(
    name: Name,
    input: GatewayCommands[Name]['input'],
  ): Promise<GatewayCommands[Name]['output']> {
    const { org, account } = input as unknown as AccountKey
    await this.before(name, { org, account })
    const file = this.#file({ org, account })
    const answer = this.#answers[name] as ((file: AccountFile, input: unknown) => unknown) | undefined
    if (answer) return answer(file, input) as GatewayCommands[Name]['output']
    return file.journal.call(name, input)
  }

  readonly #answers: { [Name in CommandName]?: (file: AccountFile, input: GatewayCommands[Name]['input']) => unknown } =
    {
      'account.open': file => {
        if (file.isOpen) return { state: { status: 'connecting' } }
        file.isOpen = true
        if (file.login) this.logIn(file.key)
        else this.#state(file, { status: 'not_paired', reason: null })
        return { state: { status: 'connecting' } }
      },
      'account.close': file => {
        file.isOpen = false
        return null
      },
      'account.ping': ({ login }) => ({ phone: login }),
      'account.unlink': file => {
        const unlinked = file.login !== null
        file.login = null
        file.isOpen = false
        file.journal.beginAnew()
        this.#state(file, { status: 'not_paired', reason: null })
        return { unlinked }
      },
      'pairing.start': (file, { session }) => {
        if (!file.isOpen) throw new ChannelError('gateway_unreachable')
        if (file.login) throw new ChannelError('already_connected')
        file.session = session
        this.#state(file, { status: 'pairing' })
        this.#pairing(file, { status: 'pending', qr: `code of ${session}`, expiresAt: Date.now() + 60_000 })
        return null
      },
      'pairing.stop': () => null,
    }

  #file(key: AccountKey): AccountFile {
    const name = `${key.org}/${key.account}`
    const known = this.#files.get(name) ?? {
      key,
      journal: new StandInGateway(),
      login: null,
      session: '',
      isOpen: false,
    }
    this.#files.set(name, known)
    return known
  }

  #state({ key }: AccountFile, state: ConnectionState): void {
    this.#tell(key, { event: 'connection', state })
  }

  #pairing({ key, session }: AccountFile, state: PairingState): void {
    if (session !== '') this.#tell(key, { event: 'pairing', session, state })
  }

  #tell({ org, account }: AccountKey, what: Happening): void {
    this.host?.({ kind: 'event', org, account, ...what } as GatewayEvent)
  }
}

type Happening =
  | { event: 'connection'; state: ConnectionState }
  | { event: 'pairing'; session: string; state: PairingState }
  | { event: 'journal'; head: number }
