import type { Settings } from './settings.ts'
import type { OrgId } from '../contract/ids.ts'
import { settingsOf } from './org-settings.ts'

/** The settings in force. A reload by the host applies to all orgs; a reload by an org applies to that org only. */
export class SettingsInForce {
  #host: Settings
  /** The settings of the orgs that have not reloaded since the host did. */
  #all: Settings
  readonly #orgs = new Map<OrgId, Settings>()

  constructor(read: Settings) {
    this.#host = read
    this.#all = read
  }

  /** The settings of the whole host, which belong to no org. */
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

  /** Puts all settings into force for everybody. */
  take(read: Settings): void {
    this.#host = read
    this.#all = read
    this.#orgs.clear()
  }

  /** Puts the host-wide settings into force. */
  takeHost(read: Settings): void {
    this.#host = read
  }

  /** Puts the settings of one org into force. */
  takeFor(org: OrgId, read: Settings): void {
    this.#orgs.set(org, settingsOf(read, org))
  }
}
