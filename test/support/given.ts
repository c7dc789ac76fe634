/** `value`, which a test knows to be there. */
export function given<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new TypeError('the test names something that is not there')
  return value
}
