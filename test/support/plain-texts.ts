/** What a stranger may write so that a text looks like another one, and how it is to be shown. */
export const HOSTILE: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['a turned direction', 'data\u202Ebase\u202C', 'data\\u{202e}base\\u{202c}'],
  ['isolates', '\u2066a\u2067b\u2068c\u2069', '\\u{2066}a\\u{2067}b\\u{2068}c\\u{2069}'],
  ['embeddings', '\u202Aa\u202Bb\u202Dc', '\\u{202a}a\\u{202b}b\\u{202d}c'],
  ['marks of direction', 'a\u200Eb\u200Fc\u061C', 'a\\u{200e}b\\u{200f}c\\u{61c}'],
  ['deprecated formats', 'a\u206Ab\u206Fc', 'a\\u{206a}b\\u{206f}c'],
  ['tags', 'a\u{E0001}\u{E0041}\u{E007F}', 'a\\u{e0001}\\u{e0041}\\u{e007f}'],
  [
    'the flag of Texas',
    '🏴\u{E0075}\u{E0073}\u{E0074}\u{E0078}\u{E007F}',
    '🏴\\u{e0075}\\u{e0073}\\u{e0074}\\u{e0078}\\u{e007f}',
  ],
  ['fillers', 'api\u3164\u115F\u1160\uFFA0\u2800', 'api\\u{3164}\\u{115f}\\u{1160}\\u{ffa0}\\u{2800}'],
  ['blank signs', 'a\u{1D159}b\u{16FE4}c\u2D7F\uFFFC', 'a\\u{1d159}b\\u{16fe4}c\\u{2d7f}\\u{fffc}'],
  ['vowels that are not seen', 'a\u17B4\u17B5', 'a\\u{17b4}\\u{17b5}'],
  ['nothing wide', 'a\u200Bb\u2060c\uFEFFd', 'a\\u{200b}b\\u{2060}c\\u{feff}d'],
  ['joiners that join nothing', 'a\u200Cb\u200Dc', 'a\\u{200c}b\\u{200d}c'],
  ['two joiners in a word', 'می\u200C\u200Cخواهم', 'می\\u{200c}\\u{200c}خواهم'],
  ['a joiner in front', '\u200D👩', '\\u{200d}👩'],
  ['a joiner behind', '👩\u200D', '👩\\u{200d}'],
  ['a blank for Khmer between others', 'a\u200Bb ก\u200Ba', 'a\\u{200b}b ก\\u{200b}a'],
  ['selectors in excess', '❤\uFE0F\uFE0F a\uFE0F 1\uFE0F', '❤\uFE0F\\u{fe0f} a\\u{fe0f} 1\\u{fe0f}'],
  [
    'selectors that carry bytes',
    '😀\u{E0101}\u{E0148}葛\u{E0100}\u{E0101}',
    '😀\\u{e0101}\\u{e0148}葛\u{E0100}\\u{e0101}',
  ],
  ['Mongolian selectors', 'a\u180Bb\u180Ec\u180Fd', 'a\\u{180b}b\\u{180e}c\\u{180f}d'],
  ['invisible operators', 'a\u2061b\u2062c\u2063d\u2064', 'a\\u{2061}b\\u{2062}c\\u{2063}d\\u{2064}'],
  ['a soft hyphen', 'pass\u00ADword', 'pass\\u{ad}word'],
  ['a joiner of graphemes', 'a\u034Fb', 'a\\u{34f}b'],
  ['annotations', '\uFFF9a\uFFFAb\uFFFB', '\\u{fff9}a\\u{fffa}b\\u{fffb}'],
  ['shorthand and notes', 'a\u{1BCA0}b\u{1D173}c', 'a\\u{1bca0}b\\u{1d173}c'],
  ['line separators', 'a\u2028b\u2029c\u0085d\u000Be\u000Cf', 'a\\u{2028}b\\u{2029}c\\u{85}d\\u{b}e\\u{c}f'],
  ['a carriage return', 'all well\rdone', 'all well\\u{d}done'],
  ['an escape', '\u001B[2J\u001B]52;c;aGk=\u0007', '\\u{1b}[2J\\u{1b}]52;c;aGk=\\u{7}'],
  ['controls', 'a\u0000b\u0008c\u007Fd\u009B31me', 'a\\u{0}b\\u{8}c\\u{7f}d\\u{9b}31me'],
  ['half a character', 'a\uD83Db\uDC00', 'a\\u{d83d}b\\u{dc00}'],
  ['a private one', 'a\uE000b\u{F0000}', 'a\\u{e000}b\\u{f0000}'],
  ['one that is none', 'a\uFFFEb\u{10FFFF}c\u0378', 'a\\u{fffe}b\\u{10ffff}c\\u{378}'],
  ['a mark on a sign of ours', '\u0338=', '\\u{338}='],
  ['a mark on a quotation mark', '"\u0338', '"\\u{338}'],
  ['a stack', `Z${'\u0351'.repeat(9)}!`, `Z${'\\u{351}'.repeat(9)}!`],
  ['a stack of five', `Z${'\u0351'.repeat(5)}!`, `Z${'\\u{351}'.repeat(5)}!`],
  ['a stack of a script', `ก${'\u0E47'.repeat(7)}`, `ก${'\\u{e47}'.repeat(7)}`],
  ['what is around a letter', 'a\u20DDb\u20E0c\u0489', 'a\\u{20dd}b\\u{20e0}c\\u{489}'],
]

/** What people write, with all that their scripts need. */
export const READABLE: readonly (readonly [script: string, text: string])[] = [
  ['English', 'Hello, "world" – it’s 5 €! \\u{202e} is written out'],
  ['Hebrew', 'שלום עולם'],
  ['Hebrew with its vowels', 'שָׁלוֹם בְּרֵאשִׁ֖ית'],
  ['Arabic', 'السَّلَامُ عَلَيْكُمْ ۝١'],
  ['Persian', 'می\u200Cخواهم کار\u200Cها ۱۴۰۳ ه\u200D.ش'],
  ['Urdu', 'اردو میں'],
  ['Thai', 'สวัสดีครับ ที่นี่ น้ำ'],
  ['Khmer', 'សួស្តី\u200Bអ្នក'],
  ['Burmese', 'မြို့ လျှို့ဝှက်'],
  ['Lao', 'ສະບາຍດີ'],
  ['Devanagari', 'हिन्दी क्\u200Dष र्\u200Dय क्\u200C'],
  ['Bengali', 'বাংলা র\u200D্যাব'],
  ['Malayalam', 'മലയാളം ന്\u200D'],
  ['Sinhala', 'ක්\u200Dරිකට්'],
  ['Tamil', 'தமிழ்'],
  ['Tibetan', 'བོད་ཡིག ཧཱུྃ'],
  ['Mongolian', 'ᠮᠣᠩᠭᠣᠯ ᠠ\u180Eᠠ ᠭ\u180Bᠠ'],
  ['Vietnamese, decomposed', 'Tiếng Việt'.normalize('NFD')],
  ['Greek, decomposed', 'ᾄδω'.normalize('NFD')],
  ['Korean', '한국어'],
  ['Japanese', '葛\u{E0100}城　カタカナ'],
  ['French', 'Bonjour\u202F! 5\u00A0%'],
  ['a family', '👨\u200D👩\u200D👧\u200D👦'],
  ['a heart on fire', '❤\uFE0F\u200D🔥'],
  ['two people', '👩🏽\u200D🤝\u200D👩🏻'],
  ['a detective', '🕵🏽\u200D♂\uFE0F'],
  ['a thumb of a colour', '👍🏽'],
  ['a flag', '🇩🇪'],
  ['the flag of England', '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}'],
  ['keys', '1\uFE0F\u20E3 #\u20E3'],
  ['a sign as text', '☎\uFE0E ©\uFE0F'],
]

const PICTURES = new RegExp(
  String.raw`\p{RGI_Emoji}|[0-9#*]\uFE0F?\u20E3|\p{Extended_Pictographic}[\uFE0E\uFE0F]?\p{Emoji_Modifier}?(?:\u200D\p{Extended_Pictographic}[\uFE0E\uFE0F]?\p{Emoji_Modifier}?)*`,
  'gv',
)
const ALWAYS =
  /(?![\n\t])[\u034F\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u00AD\u061C\u115F\u1160\u17B4\u17B5\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF9-\uFFFC]/u
/** What is not seen and follows nothing that it could belong to. */
const UNLED =
  /(?:^|[\s\p{ASCII}\p{Default_Ignorable_Code_Point}])\p{Default_Ignorable_Code_Point}|(?:^|(?![0-9A-Za-z<=>+$`|^~])[\s\p{ASCII}])\p{M}/u
const STACKED = /\p{M}{7}/u

/** The first thing that is hidden in a text, by rules of its own and none of the product's; null when there is nothing. */
export const hiddenIn = (text: string): string | null => {
  const words = text.replaceAll(PICTURES, '😀')
  const [found] = ALWAYS.exec(words) ?? UNLED.exec(words) ?? STACKED.exec(words) ?? []
  return found === undefined ? null : Array.from(found, each => each.codePointAt(0)?.toString(16)).join(' ')
}
