import { namedRole, type Settings } from '../config/settings.ts'
import type { NumberLookup } from './number-lookup.ts'
import { type AccountKey, type OrgId, parsePhone, type Person, type Phone } from '../contract/ids.ts'
import type { Role } from '../contract/role.ts'
import { isNumber, type Spellings } from './spellings.ts'
import { listSpellings } from '../store/people/contacts.ts'
import type { Store } from '../store/database.ts'

/** What finding roles needs. */
export type RoleParts = {
  readonly store: Pick<Store, 'connection'>
  readonly contacts: Pick<NumberLookup, 'lookUp'>
  readonly settings: (org: OrgId) => Pick<Settings, 'roles'>
}

const RISING: readonly Role[] = ['viewer', 'member', 'admin', 'owner']

/**
 * Finds the role of a person on WhatsApp: viewer, unless the settings give another one for a spelling of the person's number. Only
 * WhatsApp can tell whether two spellings are the same number. Similarity alone never makes a person more than a viewer.
 */
export class Roles {
  readonly #parts: RoleParts

  constructor(parts: RoleParts) {
    this.#parts = parts
  }

  async of(key: AccountKey, person: Person): Promise<Role> {
    const settings = this.#parts.settings(key.org)
    const byAddress = namedRole(settings, person)
    const { phone } = person
    if (byAddress !== null || phone === null || settings.roles.size === 0) return byAddress ?? 'viewer'
    const numbers = [...settings.roles.keys()].flatMap(address => parsePhone(address) ?? [])
    const spellings = await this.#spellings(key, numbers, phone)
    const roles = numbers.filter(each => isNumber(each, phone, spellings) === 'yes').map(each => roleAt(settings, each))
    // If two spellings of one number have a role each, the lower role applies.
    return RISING.find(role => roles.includes(role)) ?? 'viewer'
  }

  /** WhatsApp's answers for these numbers. A number that may be the person's is looked up. */
  async #spellings({ org, account }: AccountKey, numbers: readonly Phone[], phone: Phone): Promise<Spellings> {
    const { store, contacts } = this.#parts
    const known = await listSpellings(store.connection, org, numbers)
    const doubted = numbers.filter(each => isNumber(each, phone, known) === 'unknown')
    if (doubted.length === 0) return known
    for (const each of doubted) await contacts.lookUp({ org, account }, each)
    return listSpellings(store.connection, org, numbers)
  }
}

const roleAt = ({ roles }: Pick<Settings, 'roles'>, phone: Phone): Role => roles.get(phone as never) ?? 'viewer'
