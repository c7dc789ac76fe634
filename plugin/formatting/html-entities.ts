/** Characters by their names in HTML. Those of Latin-1 are listed in its order, from U+00A0. */
const LATIN =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
const GREEK =
  'Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi Omega'
const OTHERS =
  'amp& lt< gt> quot" apos\' ndash– mdash— lsquo‘ rsquo’ sbquo‚ ldquo“ rdquo” bdquo„ lsaquo‹ rsaquo› hellip… bull• dagger† Dagger‡ permil‰ prime′ Prime″ euro€ trade™ larr← uarr↑ rarr→ darr↓ harr↔ lArr⇐ rArr⇒ hArr⇔ minus− lowast∗ radic√ infin∞ asymp≈ ne≠ equiv≡ le≤ ge≥ sum∑ prod∏ int∫ part∂ nabla∇ isin∈ notin∉ cap∩ cup∪ sub⊂ sup⊃ and∧ or∨ forall∀ exist∃ empty∅ there4∴ oplus⊕ otimes⊗ perp⊥ sdot⋅ lceil⌈ rceil⌉ lfloor⌊ rfloor⌋ loz◊ spades♠ clubs♣ hearts♥ diams♦ check✓ cross✗ star☆ starf★ OElig\u0152 oelig\u0153 Scaron\u0160 scaron\u0161 Yuml\u0178 fnof\u0192 circ\u02c6 tilde\u02dc lsqb[ rsqb] lbrace{ rbrace} lpar( rpar) ast* lowbar_ grave` num# excl! vert| bsol\\ sol/ colon: semi; comma, period. plus+ equals= dollar$ percnt% commat@ quest? Hat^ zwnj\u200c zwj\u200d lrm\u200e rlm\u200f ensp\u2002 emsp\u2003 thinsp\u2009'

const NAMED: ReadonlyMap<string, string> = new Map([
  ...LATIN.split(' ').map((name, index) => [name, String.fromCharCode(0xa0 + index)] as const),
  ...GREEK.split(' ').map((name, index) => [name, String.fromCharCode(0x391 + index)] as const),
  ...GREEK.split(' ').map((name, index) => [name.toLowerCase(), String.fromCharCode(0x3b1 + index)] as const),
  ...Array.from(OTHERS.matchAll(/([A-Za-z]+\d?)(\S|.)(?: |$)/gsu), ([, name = '', said = '']) => [name, said] as const),
])

const ENTITY = /&(?:#\d{1,7}|#[xX][\dA-Fa-f]{1,6}|[A-Za-z]+\d{0,2});/g
const UNKNOWN = '\uFFFD'

/** Replaces character entities by their characters. Unknown names stay. */
export const withoutEntities = (text: string): string => text.replace(ENTITY, named)

function named(whole: string): string {
  const name = whole.slice(1, -1)
  if (!name.startsWith('#')) return NAMED.get(name) ?? whole
  return characterOf(/^#[xX]/.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)))
}

const characterOf = (point: number): string =>
  point === 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? UNKNOWN : String.fromCodePoint(point)

const ELEMENTS = new Set(
  'a abbr article aside audio b bdi bdo big blockquote body br center cite code col colgroup dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 head header hr html i iframe img ins kbd li main mark nav ol p picture pre q s samp script section small span strike strong style sub summary sup svg table tbody td tfoot th thead tr tt u ul video wbr'.split(
    ' ',
  ),
)
/** Names that people also write in angle brackets as placeholders. They count as tags only with attributes. */
const WORDS = new Set(
  'address area button canvas caption data dialog embed fieldset form input label legend link map meta meter object option output progress select source template textarea time title track var'.split(
    ' ',
  ),
)
const TAG = /^<(\/?)([A-Za-z][A-Za-z0-9-]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>$/
const ADDRESS = /\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i

/** A tag of HTML, with its address if it has one. */
export type Tag = { readonly name: string; readonly isEnd: boolean; readonly address: string }

/** Parses a tag; null if HTML has no such tag, so that it is a text in angle brackets. */
export function tagOf(written: string): Tag | null {
  const [, slash = '', named = '', rest = ''] = TAG.exec(written) ?? []
  const name = named.toLowerCase()
  const isBare = slash === '' && rest.trim() === ''
  if (!ELEMENTS.has(name) && (!WORDS.has(name) || rest.trim() === '')) return null
  if (name === 'a' && isBare) return null
  const [, ...addresses] = ADDRESS.exec(rest) ?? []
  return { name, isEnd: slash !== '', address: withoutEntities(addresses.find(address => address !== undefined) ?? '') }
}
