/** What is not closed ends where it has to: it is looked through once. */
const COMMENTS_AND_STRINGS = /#[^\n]*|"(?:[^"\\\n]|\\.)*"?|`[^`]*`?/g
const IMPORTS = /^[ \t]*import[ \t]+(?:rego\.v1|future\.keywords)\b/
const IF = /\bif\b/
/** A head or a body as only version 1 writes it without an import. */
const BODY = /\bif\s*(?:\{|[a-z_])/
const HEAD = /^[ \t]*[\w.]+[ \t]+contains(?:\s|$)/
const CONTAINS = /\bcontains\s/

function isOfVersion1(line: string): boolean {
  const { index } = CONTAINS.exec(line) ?? {}
  return HEAD.test(line) || (index !== undefined && IF.test(line.slice(index)))
}

/**
 * The version of Rego that a source looks like: 0 takes what imports the words of 1 as well. Each line is looked at once and by
 * itself: what takes the square of a length would let a tenant's text stop everybody.
 */
export function regoVersionOf(source: string): 0 | 1 {
  const code = source.replace(COMMENTS_AND_STRINGS, match => (match.startsWith('#') ? '' : '""'))
  const lines = code.split('\n')
  if (lines.some(line => IMPORTS.test(line))) return 0
  return BODY.test(code) || lines.some(isOfVersion1) ? 1 : 0
}
