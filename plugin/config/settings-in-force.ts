import type { Settings } from './settings.ts'
import type { OrgId } from '../contract/ids.ts'
import { settingsOf } from './org-settings.ts'

/** The settings in force. What the host reloads holds for all; what an org reloads holds for that org, and for no other. */
export class SettingsInForce {
  #host: Settings
  /** Those of orgs that have reloaded nothing since the host did. */
  #all: Settings
  readonly #orgs = new Map<OrgId, Settings>()

  constructor(read: Settings) {
    this.#host = read
    this.#all = read
  }

  /** What is of the whole host, and of no org. */
  get host(): Pick<
    Settings,
    'qrTimes' | 'webVersion' | 'socketLimits' | 'callLimits' | 'reloadGapMs' | 'keepDisappearing' | 'retentionDays'
  > {
    return this.#host
  }

  of(org: OrgId): Settings {
    const known = this.#orgs.get(org)
    if (known) return known
    const settings = settingsOf(this.#all, org)
    this.#orgs.set(org, settings)
    return settings
  }

  /** Puts all of it into force for everybody. */
  take(read: Settings): void {
    this.#host = read
    this.#all = read
    this.#orgs.clear()
  }

  /** Puts into force what is of no org. */
  takeHost(read: Settings): void {
    this.#host = read
  }

  /** Puts into force what is of one org. */
  takeFor(org: OrgId, read: Settings): void {
    this.#orgs.set(org, settingsOf(read, org))
  }
}
