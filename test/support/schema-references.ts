/** A policy with an annotation about schemas: PACKAGE, RULE and REF stand for what it names. */
export const PLAIN = 'PACKAGE\n\n# METADATA\n# schemas: [input: REF]\nRULE\n'

/** However it is written, the compiler would read an annotation about schemas in it. REF stands where something is named. */
export const WAYS: readonly [string, string][] = [
  ['of its package', '# METADATA\n# scope: package\n# schemas:\n#   - input: REF\nPACKAGE\nRULE'],
  ['of the packages below', '# METADATA\n# {scope: subpackages, schemas: [input: REF]}\n\nPACKAGE\nRULE'],
  ['of all rules of a name', 'PACKAGE\n# METADATA\n# scope: document\n# schemas: [{input: REF}]\nRULE'],
  ['about something else than the input', 'PACKAGE\n# METADATA\n# schemas: [data.agentcy: REF]\nRULE'],
  ['by the name of a schema', 'PACKAGE\n# METADATA\n# schemas: [input: schema.secret]\nRULE'],
  ['deep in one that allows all else', 'PACKAGE\n# METADATA\n# schemas: [input: {properties: {x: REF}}]\nRULE'],
  ['with much room', 'PACKAGE\n#    METADATA  \n#    schemas:\n#      -  input:\n#            REF\n\n\n   RULE'],
  ['with tabs', 'PACKAGE\n#\tMETADATA\t\n# schemas:\t[\tinput: REF ]\nRULE'],
  ['with the line ends of Windows', 'PACKAGE\r\n# METADATA\r\n# schemas: [input: REF]\r\nRULE\r\n'],
  ['in quotes', 'PACKAGE\n# METADATA\n# "schemas": [\'input\': REF]\nRULE'],
  ['in quotes, spelled', 'PACKAGE\n# METADATA\n# "\\x73chem\\u0061s": [input: REF]\nRULE'],
  ['as a key that is asked for', 'PACKAGE\n# METADATA\n# ? schemas\n# : [input: REF]\nRULE'],
  ['with its type', 'PACKAGE\n# METADATA\n# !!str schemas: [input: REF]\nRULE'],
  ['by an anchor', 'PACKAGE\n# METADATA\n# custom: {kept: &all [input: REF]}\n# schemas: *all\nRULE'],
  ['by a merge', 'PACKAGE\n# METADATA\n# custom: &all {schemas: [input: REF]}\n# <<: *all\nRULE'],
  ['in the first of several documents', 'PACKAGE\n# METADATA\n# ---\n# schemas: [input: REF]\n# ---\n# {}\nRULE'],
  ['beside words of other kinds', 'PACKAGE\n# METADATA\n# title: ok\n# custom: {a: 1}\n# schemas: [input: REF]\nRULE'],
  ['after another', 'PACKAGE\n# METADATA\n# title: ok\nopen = true\n# METADATA\n# schemas: [input: REF]\nRULE'],
  ['behind words in a line', 'PACKAGE\nopen = `\n` # METADATA\n# x\n# METADATA\n# schemas: [input: REF]\nRULE'],
  ['in version 1', 'PACKAGE\n# METADATA\n# schemas: [input: REF]\ndeny contains "x" if input.action == "x"'],
]

/** A policy that names something in one of these ways. */
export const written = (way: string, reference: string, name: string): string =>
  way
    .replace('PACKAGE', `package agentcy.${name}`)
    .replace('RULE', 'deny["x"] { input.action == "x" }')
    .replace('REF', JSON.stringify({ $ref: reference }))
