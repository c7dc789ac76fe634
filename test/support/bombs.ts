/** What a general decoder would build of little, and how. */
export const BOMBS: readonly (readonly [string, string])[] = [
  ['a Set and equalities within it', bomb('set')],
  ['a Set at the root', '{"json":[1,2],"meta":{"values":["set"],"referentialEqualities":{"0":["1"]}}}'],
  ['typed arrays by their length', '{"json":{"a":500000000},"meta":{"values":{"a":[["typed-array","Uint8Array"]]}}}'],
  ['a number of many digits', `{"json":"${'9'.repeat(200_000)}","meta":{"values":["bigint"]}}`],
  ['a Map', '{"json":[[1,2]],"meta":{"values":["map"]}}'],
  ['a pattern', '{"json":"/(a+)+$/","meta":{"values":["regexp"]}}'],
  ['a class', '{"json":{},"meta":{"values":[["class","Object"]]}}'],
  ['equalities alone', '{"json":{"a":{},"b":null},"meta":{"referentialEqualities":{"a":["b"]}}}'],
  ['a path without end', `{"json":{},"meta":{"values":{"${'a.'.repeat(50_000)}b":["Date"]}}}`],
  ['an empty meta', '{"json":{},"meta":{}}'],
  ['undefined somewhere', '{"json":{"a":null},"meta":{"values":{"a":["undefined"]}}}'],
  ['something beside it', '{"json":{},"other":1}'],
]

/** So many paths into a Set cost their square. */
function bomb(kind: string): string {
  const items = Array.from({ length: 5_000 }, (_, index) => index)
  const equal = Object.fromEntries(items.map(index => [`a.${index}`, [`a.${(index + 1) % items.length}`]]))
  return JSON.stringify({ json: { a: items }, meta: { values: { a: [kind] }, referentialEqualities: equal } })
}
