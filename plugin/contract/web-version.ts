/**
 * A version of WhatsApp Web as clients announce it: `2.3000.` and a revision of ten digits, which grows by about 60,000 a day
 * (whatsapp-today.md §1). WhatsApp refuses clients that are some months old.
 */
export type WebVersion = `2.3000.${number}`

/** A version, and when it was last known to be the one that WhatsApp delivers to browsers; ms UTC. */
export type KnownVersion = { readonly version: WebVersion; readonly knownAt: number }

/** The origin of the announced version. */
export type VersionOrigin =
  | 'pinned' // the setting `web_version`
  | 'accepted' // WhatsApp has accepted it
  | 'fetched' // the source reports it
  | 'built_in' // the version in Baileys

/** Why the source reported no usable version when it was last asked. */
export type SourceProblem =
  | 'unreachable' // no answer, or the connection broke
  | 'too_slow' // the answer was not complete within 8 s
  | 'redirected' // it redirects to another address, which is not followed
  | 'refused' // the source returned an error
  | 'no_script' // the answer is a page, or compressed
  | 'too_large' // more than 5 MiB
  | 'no_version' // contains no revision of ten digits
  | 'too_low' // older than the built-in version
  | 'too_high' // more than 40,000,000 ahead of the built-in version

/** The version that the gateway announces to WhatsApp, and its state. */
export type ClientVersion = {
  /** The version that the next login announces. */
  readonly version: WebVersion
  readonly from: VersionOrigin
  /** When it was last known to be current: see {@link KnownVersion}. Null for a pinned version whose age is unknown. */
  readonly knownAt: number | null
  /** Whether WhatsApp has refused it for logins, and no newer version is known. */
  readonly refused: boolean
  /** Null: the source reported a usable version, or was not asked. */
  readonly problem: SourceProblem | null
  /** The last version that WhatsApp has accepted; null before the first. */
  readonly accepted: KnownVersion | null
}

/** The versions that the gateway gets when it starts. */
export type VersionsInHand = {
  /** From the setting `web_version`; null: `auto`. */
  readonly pinned: WebVersion | null
  /** The last version that WhatsApp has accepted on this network; null: none yet. */
  readonly accepted: KnownVersion | null
}

/**
 * The first digit is not 0, so there is no padding; a revision is an unsigned integer of 32 bits on the wire (WAWebProtobufsWa6,
 * AppVersion).
 */
const WEB_VERSION = /^2\.3000\.([1-9][0-9]{9})$/
const LARGEST_REVISION = 2 ** 32 - 1

/** About two years at WhatsApp's pace (whatsapp-today.md §1): a version further ahead is a mistake or a trap. */
export const FURTHEST_AHEAD = 40_000_000

/** A version that is this old may be refused by phones silently: new links were refused at 108 days (Baileys#2679). */
export const OLD_VERSION_MS = 100 * 86_400_000

/** Parses a version that a person wrote or that is stored; null if it is not a version. */
export function parseWebVersion(text: string): WebVersion | null {
  const revision = Number(WEB_VERSION.exec(text)?.[1])
  return revision <= LARGEST_REVISION ? `2.3000.${revision}` : null
}

/** The revision: the last part of a version. */
export const revisionOf = (version: WebVersion): number => Number(version.slice(version.lastIndexOf('.') + 1))

/** Why a version from an outside source is not announced; null if it may be. */
export function versionProblem(version: WebVersion, builtIn: WebVersion): 'too_low' | 'too_high' | null {
  const ahead = revisionOf(version) - revisionOf(builtIn)
  if (ahead < 0) return 'too_low'
  return ahead > FURTHEST_AHEAD ? 'too_high' : null
}

/** The sentence for a person when WhatsApp refuses the version that the settings pin. */
export const PINNED_REFUSED =
  'WhatsApp refuses the version that the setting "web_version" pins. Set it to "auto", or to a newer one, and reload the channel.'
