/*
 * Text from strangers is shown so that it cannot look like something else. Characters that are invisible, control a terminal,
 * change the direction of a line, or hide what stands beside them are written out as `\u{…}`. Those that a script or an emoji
 * needs stay.
 */

/** Invisible or controlling characters. The last ones are blank letters and signs that Unicode does not call ignorable. */
const HIDDEN = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\uFFFC\u2D7F\u{16FE4}\u{1D159}`
/** Format characters that are visible: the signs below or around Arabic and other numbers. */
const SEEN_FORMATS = String.raw`\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}`
/** Unassigned code points, except those that Unicode reserves for future emoji. */
const UNKNOWN = String.raw`(?!\p{Extended_Pictographic})\p{Cn}`

/** The base of a mark: neither a blank nor a sign that we print ourselves, such as a quotation mark. */
const BASE = String.raw`(?![${HIDDEN}])[\p{L}\p{N}\p{S}]`
const MARK = String.raw`(?![${HIDDEN}\p{Me}])\p{M}`
/**
 * Too many marks on one letter. Marks that fit any letter are used for stacks. Hebrew has five of its own on a letter, Burmese
 * six.
 */
const STACK = String.raw`(?:${MARK}){7}|(?:(?!\p{Script=Inherited})${MARK})*(?:(?=\p{Script=Inherited})${MARK}(?:(?!\p{Script=Inherited})${MARK})*){5}`
const MARKS = String.raw`(?!${STACK})(?:${MARK})*`

const JOINING = String.raw`(?=\p{L})[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mandaic}\p{Script=Mongolian}\p{Script=Adlam}\p{Script=Hanifi_Rohingya}]`
/** Scripts without blanks between words; a zero-width space marks where a line may end. */
const UNSPACED = String.raw`(?=\p{L})[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]`
const BRAHMIC = String.raw`(?=\p{L})[\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tai_Tham}\p{Script=Balinese}\p{Script=Sundanese}\p{Script=Syloti_Nagri}\p{Script=Saurashtra}\p{Script=Javanese}\p{Script=Meetei_Mayek}]`
/** Marks that remove the vowel of such a letter; a joiner after or before one says how the letters combine then. */
const VIRAMA = String.raw`[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D3B\u0D3C\u0D4D\u0DCA\u1039\u103A\u17D2\u1A60\u1B44\u1BAA\uA806\uA8C4\uA9C0\uAAF6\uABED]`
const PICTURE = String.raw`\p{Extended_Pictographic}(?:[\uFE0E\uFE0F]?\p{Emoji_Modifier}?)`

/** Sequences that need their hidden characters, each complete. */
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
/** A quick test: most texts contain no such character. */
const SUSPICIOUS = new RegExp(String.raw`(?![\n\t])[${HIDDEN}\p{M}\p{Cn}]`, 'u')

const writtenOut = (hidden: string): string => `\\u{${hidden.codePointAt(0)?.toString(16)}}`

/** The text with each character that would be hidden replaced by the result of `written`. */
export function replaceHidden(text: string, written: (hidden: string) => string): string {
  if (!SUSPICIOUS.test(text)) return text
  return text.replaceAll(TOKENS, (token: string, ...found: unknown[]) =>
    (found.at(-1) as { readonly hidden?: string }).hidden === undefined ? token : written(token),
  )
}

/** The longest sequence that is kept whole, in UTF-16 units. */
const LONGEST = 64

/** A stranger's whole text with its line breaks. Hidden characters are written as escapes. */
export const plainText = (text: string): string => replaceHidden(text.replaceAll('\r\n', '\n'), writtenOut)

/** The same on one line, with at most `most` UTF-16 units; a text that was cut ends with `…`. */
export function plainLine(text: string, most: number = Number.POSITIVE_INFINITY): string {
  // Of the part that is cut off, only as much as the longest sequence is examined.
  const line = plainText(text.slice(0, most + LONGEST))
    .replaceAll('\n', ' ⏎ ')
    .replaceAll('\t', writtenOut)
  if (text.length <= most && line.length <= most) return line
  return `${cutAt(line, most - 1)}…`
}

/** As much of a plain line as fits, without cutting through a sequence or an escape. */
function cutAt(line: string, most: number): string {
  let end = 0
  for (const [token] of line.matchAll(new RegExp(String.raw`\\u\{[0-9a-f]+\}|${TOKENS.source}`, 'gu'))) {
    if (end + token.length > most) break
    end += token.length
  }
  // A joiner at the end has nothing to join any more.
  return line.slice(0, end).replace(/[\u180E\u200B-\u200D]$/, '')
}

/** The characters that may begin a formula in a spreadsheet; the last four are their full-width forms, as used in Japanese. */
const FORMULA = /^[=+\-@\t＝＋－＠]/
const QUOTED = /[",\n]/

/** A cell of RFC 4180: a plain text. A text that a spreadsheet would read as a formula gets a single quote before it. */
export function csvCell(text: string): string {
  const plain = plainText(text)
  const harmless = FORMULA.test(plain) ? `'${plain}` : plain
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
