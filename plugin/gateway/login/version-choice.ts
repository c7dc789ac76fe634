import { DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys'

import {
  parseWebVersion,
  revisionOf,
  versionProblem,
  type KnownVersion,
  type VersionOrigin,
  type WebVersion,
} from '../../contract/web-version.ts'

/**
 * The version that Baileys 7.0.0-rc14 contains, and about when it was WhatsApp's own (whatsapp-today.md §1, last row of the table).
 */
export const BUILT_IN: KnownVersion = { version: builtIn(), knownAt: Date.UTC(2026, 6, 25) }

function builtIn(): WebVersion {
  const version = parseWebVersion(DEFAULT_CONNECTION_CONFIG.version.join('.'))
  if (!version) throw new TypeError('Baileys brings no version of WhatsApp Web that is known by its shape')
  return version
}

/** The known versions. */
export type Candidates = {
  readonly pinned: WebVersion | null
  readonly accepted: KnownVersion | null
  readonly fetched: KnownVersion | null
  readonly builtIn: KnownVersion
}

/** The version to announce; `knownAt` is null if its age is not known. */
export type Choice = { readonly version: WebVersion; readonly knownAt: number | null; readonly from: VersionOrigin }

/** The version to announce: the pinned one whether or not it was refused, else the newest that was not refused, else the newest. */
export function chooseVersion(
  { pinned, accepted, fetched, builtIn }: Candidates,
  isRefused: (version: WebVersion) => boolean,
): Choice & { readonly refused: boolean } {
  const known: Choice[] = [
    ...(accepted ? [{ ...accepted, from: 'accepted' as const }] : []),
    ...(fetched ? [{ ...fetched, from: 'fetched' as const }] : []),
    { ...builtIn, from: 'built_in' },
  ]
  if (pinned !== null) {
    const knownAt = known.find(({ version }) => version === pinned)?.knownAt ?? null
    return { version: pinned, knownAt, from: 'pinned', refused: isRefused(pinned) }
  }
  const usable = known.filter(({ version }) => versionProblem(version, builtIn.version) === null)
  const left = usable.filter(({ version }) => !isRefused(version))
  return { ...newestOf(left.length > 0 ? left : usable), refused: left.length === 0 }
}

/** Of equal versions, the first: WhatsApp's acceptance is better evidence than a source's word. */
const newestOf = (choices: readonly Choice[]): Choice =>
  choices.reduce((best, each) => (revisionOf(each.version) > revisionOf(best.version) ? each : best))
