/**
 * A version of WhatsApp Web as clients announce it: `2.3000.` and a revision of ten digits, which rises with time by about
 * 60,000 a day (whatsapp-today.md §1). WhatsApp refuses clients that are some months old.
 */
export type WebVersion = `2.3000.${number}`

/** A version, and when it was last known to be the one that WhatsApp gives to browsers; ms UTC. */
export type KnownVersion = { readonly version: WebVersion; readonly knownAt: number }

/** Where the version comes from that is announced. */
export type VersionOrigin =
  | 'pinned' // the setting `web_version`
  | 'accepted' // WhatsApp has let it in
  | 'fetched' // the source names it
  | 'built_in' // Baileys brings it

/** Why the source named no version that can be used, when it was last asked. */
export type SourceProblem =
  | 'unreachable' // nobody answers, or the line broke
  | 'too_slow' // it was not all there within 8 s
  | 'redirected' // it names another address, which is not asked
  | 'refused' // it answers with an error
  | 'no_script' // it is a page, or packed
  | 'too_large' // more than 5 MiB
  | 'no_version' // no revision of ten digits is in it
  | 'too_low' // older than the one that is built in
  | 'too_high' // more than 40,000,000 ahead of the one that is built in

/** What the gateway announces to WhatsApp, and what it knows of it. */
export type ClientVersion = {
  /** What the next login announces. */
  readonly version: WebVersion
  readonly from: VersionOrigin
  /** How old it is: see {@link KnownVersion}. Null for a pinned one of which nobody knows. */
  readonly knownAt: number | null
  /** Whether WhatsApp has refused it for logins, and nothing newer is known. */
  readonly refused: boolean
  /** Null: the source answered well, or was not asked. */
  readonly problem: SourceProblem | null
  /** The last one that WhatsApp has let in; null before the first. */
  readonly accepted: KnownVersion | null
}

/** What the gateway is told of versions when it starts. */
export type VersionsInHand = {
  /** From the setting `web_version`; null: `auto`. */
  readonly pinned: WebVersion | null
  /** The last one that WhatsApp has let in on this network; null: none yet. */
  readonly accepted: KnownVersion | null
}

/** The first digit is none of the padding; a revision is an unsigned integer of 32 bits on the wire (WAWebProtobufsWa6, AppVersion). */
const WEB_VERSION = /^2\.3000\.([1-9][0-9]{9})$/
const LARGEST_REVISION = 2 ** 32 - 1

/** About two years of WhatsApp's pace (whatsapp-today.md §1): what is further ahead is a mistake or a trap. */
export const FURTHEST_AHEAD = 40_000_000

/** After so long without a newer one, phones may refuse a version without a word: new links were refused at 108 days (Baileys#2679). */
export const OLD_VERSION_MS = 100 * 86_400_000

/** What a person wrote, or what is stored; null when it is no version. */
export function parseWebVersion(text: string): WebVersion | null {
  const revision = Number(WEB_VERSION.exec(text)?.[1])
  return revision <= LARGEST_REVISION ? `2.3000.${revision}` : null
}

/** The last part of a version. */
export const revisionOf = (version: WebVersion): number => Number(version.slice(version.lastIndexOf('.') + 1))

/** Why a version that nobody of ours wrote is not announced; null when it may be. */
export function versionProblem(version: WebVersion, builtIn: WebVersion): 'too_low' | 'too_high' | null {
  const ahead = revisionOf(version) - revisionOf(builtIn)
  if (ahead < 0) return 'too_low'
  return ahead > FURTHEST_AHEAD ? 'too_high' : null
}

/** What a person is told when WhatsApp refuses the version that the settings pin. */
export const PINNED_REFUSED =
  'WhatsApp refuses the version that the setting "web_version" pins. Set it to "auto", or to a newer one, and reload the channel.'
