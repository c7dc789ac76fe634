import { afterAll, beforeAll } from 'vitest'

import { given } from './given.ts'

/** One thing for all tests of a file, or of a `describe`: made before the first and disposed of after the last. */
export function shared<Thing extends AsyncDisposable>(make: () => Promise<Thing>): () => Thing {
  let thing: Thing | null = null
  beforeAll(async () => void (thing = await make()))
  afterAll(() => thing?.[Symbol.asyncDispose]())
  return () => given(thing)
}
