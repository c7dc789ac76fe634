/*
 * What strangers write is shown so that it cannot look like something else: what is not seen, steers a terminal, turns the
 * direction of a line or hides what stands beside it is written out as `\u{…}`. What a script or an emoji needs of it stays.
 */

/** Not seen, or steering. The last are blank letters and signs that Unicode does not call ignorable. */
const HIDDEN = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\uFFFC\u2D7F\u{16FE4}\u{1D159}`
/** Format characters that are seen: the signs that stand below or around Arabic and other numbers. */
const SEEN_FORMATS = String.raw`\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}`
/** Unicode keeps places for emoji that are still to come. */
const UNKNOWN = String.raw`(?!\p{Extended_Pictographic})\p{Cn}`

/** What a mark can stand on: neither a blank nor a sign of ours, such as a quotation mark. */
const BASE = String.raw`(?![${HIDDEN}])[\p{L}\p{N}\p{S}]`
const MARK = String.raw`(?![${HIDDEN}\p{Me}])\p{M}`
/** Those that fit any letter are what stacks are made of. Hebrew has five of its own on a letter, Burmese six. */
const STACK = String.raw`(?:${MARK}){7}|(?:(?!\p{Script=Inherited})${MARK})*(?:(?=\p{Script=Inherited})${MARK}(?:(?!\p{Script=Inherited})${MARK})*){5}`
const MARKS = String.raw`(?!${STACK})(?:${MARK})*`

const JOINING = String.raw`(?=\p{L})[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mandaic}\p{Script=Mongolian}\p{Script=Adlam}\p{Script=Hanifi_Rohingya}]`
/** Between its words stands no blank, and where a line may end is written into it. */
const UNSPACED = String.raw`(?=\p{L})[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]`
const BRAHMIC = String.raw`(?=\p{L})[\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tai_Tham}\p{Script=Balinese}\p{Script=Sundanese}\p{Script=Syloti_Nagri}\p{Script=Saurashtra}\p{Script=Javanese}\p{Script=Meetei_Mayek}]`
/** Marks that take the vowel from such a letter; a joiner behind or before one says what becomes of the letters then. */
const VIRAMA = String.raw`[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D3B\u0D3C\u0D4D\u0DCA\u1039\u103A\u17D2\u1A60\u1B44\u1BAA\uA806\uA8C4\uA9C0\uAAF6\uABED]`
const PICTURE = String.raw`\p{Extended_Pictographic}(?:[\uFE0E\uFE0F]?\p{Emoji_Modifier}?)`

/** Sequences whose hidden characters are needed, each with all that makes it one. */
const NEEDED = [
  // The flags of England, Scotland and Wales.
  String.raw`\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}`,
  String.raw`[0-9#*]\uFE0F?\u20E3`,
  String.raw`${PICTURE}(?:\u200D${PICTURE}){0,7}`,
  String.raw`\p{Script=Han}[\uFE00-\uFE02\u{E0100}-\u{E01EF}]`,
  String.raw`(?=\p{L})\p{Script=Mongolian}[\u180B-\u180D\u180F]?(?:[\u200C\u200D\u180E](?=(?=\p{L})\p{Script=Mongolian}))?`,
  String.raw`${JOINING}${MARKS}(?:[\u200C\u200D](?=${JOINING})|\u200D(?![\p{L}\p{M}${HIDDEN}]))`,
  String.raw`${UNSPACED}${MARKS}\u200B(?=${UNSPACED})`,
  String.raw`${BRAHMIC}(?:\u200D(?=${VIRAMA}))?${MARKS}(?:(?<=${VIRAMA})[\u200C\u200D])?`,
  String.raw`${BASE}${MARKS}`,
]

const TOKENS = new RegExp(
  String.raw`(?<kept>${NEEDED.join('|')}|[\n\t${SEEN_FORMATS}])|(?<hidden>[${HIDDEN}\p{M}]|${UNKNOWN})|[^]`,
  'gu',
)
/** Most texts hold nothing of that kind. */
const SUSPICIOUS = new RegExp(String.raw`(?![\n\t])[${HIDDEN}\p{M}\p{Cn}]`, 'u')

const writtenOut = (hidden: string): string => `\\u{${hidden.codePointAt(0)?.toString(16)}}`

/** A text in which `written` stands in the place of each character that would be hidden. */
export function replaceHidden(text: string, written: (hidden: string) => string): string {
  if (!SUSPICIOUS.test(text)) return text
  return text.replaceAll(TOKENS, (token: string, ...found: unknown[]) =>
    (found.at(-1) as { readonly hidden?: string }).hidden === undefined ? token : written(token),
  )
}

/** No sequence that is kept whole has more UTF-16 units. */
const LONGEST = 64

/** A stranger's text, whole and with its line breaks, of which nothing is hidden. */
export const plainText = (text: string): string => replaceHidden(text.replaceAll('\r\n', '\n'), writtenOut)

/** The same on one line, and of at most so many UTF-16 units: a text that is cut says so by its last one, `…`. */
export function plainLine(text: string, most: number = Number.POSITIVE_INFINITY): string {
  // Of what is cut off no more is looked at than a sequence is long.
  const line = plainText(text.slice(0, most + LONGEST))
    .replaceAll('\n', ' ⏎ ')
    .replaceAll('\t', writtenOut)
  if (text.length <= most && line.length <= most) return line
  return `${cutAt(line, most - 1)}…`
}

/** As much of a plain line as fits, no sequence and nothing that is written out cut through. */
function cutAt(line: string, most: number): string {
  let end = 0
  for (const [token] of line.matchAll(new RegExp(String.raw`\\u\{[0-9a-f]+\}|${TOKENS.source}`, 'gu'))) {
    if (end + token.length > most) break
    end += token.length
  }
  // Nothing follows a joiner any more.
  return line.slice(0, end).replace(/[\u180E\u200B-\u200D]$/, '')
}

/** What a spreadsheet may take for a formula; the last four are as wide as Japanese writes them. */
const FORMULA = /^[=+\-@\t＝＋－＠]/
const QUOTED = /[",\n]/

/** A cell of RFC 4180: a plain text, and no formula to the program that opens it, since such a one gets a single quote before it. */
export function csvCell(text: string): string {
  const plain = plainText(text)
  const harmless = FORMULA.test(plain) ? `'${plain}` : plain
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
