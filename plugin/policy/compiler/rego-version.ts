/** Comments and strings. An unclosed string ends with its line, and an unclosed raw string with the source, so that the source is scanned once. */
const COMMENTS_AND_STRINGS = /#[^\n]*|"(?:[^"\\\n]|\\.)*"?|`[^`]*`?/g
const IMPORTS = /^[ \t]*import[ \t]+(?:rego\.v1|future\.keywords)\b/
const IF = /\bif\b/
/** A rule head or body that only version 1 allows without an import. */
const BODY = /\bif\s*(?:\{|[a-z_])/
const HEAD = /^[ \t]*[\w.]+[ \t]+contains(?:\s|$)/
const CONTAINS = /\bcontains\s/

function isOfVersion1(line: string): boolean {
  const { index } = CONTAINS.exec(line) ?? {}
  return HEAD.test(line) || (index !== undefined && IF.test(line.slice(index)))
}

/**
 * Guesses the version of Rego of a source. Version 0 also covers sources that import the keywords of 1. Each line is scanned once, by
 * itself, because a scan in quadratic time would let a tenant's text block the host.
 */
export function regoVersionOf(source: string): 0 | 1 {
  const code = source.replace(COMMENTS_AND_STRINGS, match => (match.startsWith('#') ? '' : '""'))
  const lines = code.split('\n')
  if (lines.some(line => IMPORTS.test(line))) return 0
  return BODY.test(code) || lines.some(isOfVersion1) ? 1 : 0
}
