const COMMENTS_AND_STRINGS = /#[^\n]*|"(?:[^"\\\n]|\\.)*"|`[^`]*`/g
const IMPORTS = /^\s*import\s+(?:rego\.v1|future\.keywords)\b/m
/** A head or a body as only version 1 writes it without an import. */
const KEYWORDS = /\bif\s*(?:\{|[a-z_])|\bcontains\s+[^\n]+\bif\b|^\s*[\w.]+\s+contains\s/m

/** The version of Rego that a source looks like: 0 takes what imports the words of 1 as well. */
export function regoVersionOf(source: string): 0 | 1 {
  const code = source.replace(COMMENTS_AND_STRINGS, match => (match.startsWith('#') ? '' : '""'))
  return !IMPORTS.test(code) && KEYWORDS.test(code) ? 1 : 0
}
