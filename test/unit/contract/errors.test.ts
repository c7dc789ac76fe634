import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { asChannelError, ChannelError, type ErrorCode, ERRORS } from '../../../plugin/contract/errors/errors.ts'

const root = resolve(import.meta.dirname, '../../..')
const codes = Object.keys(ERRORS) as ErrorCode[]

describe('the table of errors', () => {
  it("stands in the API's README, row for row", async () => {
    const readme = await readFile(join(root, 'plugin/api/README.md'), 'utf8')
    const section = readme.slice(readme.indexOf('## Errors'))
    const rows = [...section.matchAll(/^\| `(\w+)` +\| (\d+) +\| (.*?) +\| (.*?) +\|$/gm)]
    const written = rows.map(([, code, status, retry, sentence]) => ({ code, status, retry, sentence }))
    const meant = codes.map(code => {
      const { status, retryable, sentence } = ERRORS[code]
      return { code, status: String(status), retry: retryable ? 'yes' : '', sentence }
    })
    expect(written).toEqual(meant)
  })

  it.each(codes)('%s tells a person what to do', code => {
    expect(ERRORS[code].sentence).toMatch(/^[A-Z].*\. .*\.$|^[A-Z].*\.$/)
    expect(ERRORS[code].status).toBeGreaterThanOrEqual(400)
  })

  it('never lets the words of an unexpected failure out', () => {
    const leaked = asChannelError(new Error('the text of a message'))
    expect(leaked.code).toBe('internal')
    expect(leaked.message).not.toContain('the text of a message')
    const refused = new ChannelError('not_found')
    expect(asChannelError(refused)).toBe(refused)
  })
})
