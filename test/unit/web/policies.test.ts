import { describe, expect, it } from 'vitest'

import { policyTestRequest } from '../../../plugin/contract/api/policies.ts'
import { caretAt, numbersOf } from '../../../plugin/web/policies/caret.ts'
import { FIRST_TRIAL, inputOf } from '../../../plugin/web/policies/trial.ts'

describe('the editor of a policy', () => {
  it('knows where a row and a column are, in a text of any characters', () => {
    const text = 'one\ntwø 🙂 x\n\nend'
    const after = (row: number, column: number) => text.slice(caretAt(text, row, column))
    expect(after(1, 1)).toBe(text)
    expect(after(2, 7)).toBe('x\n\nend')
    expect(after(3, 1)).toBe('\nend')
    expect(after(4, 3)).toBe('d')
  })

  it('goes to the nearest place when there is no such one', () => {
    expect(caretAt('ab\ncd', 9, 9)).toBe(5)
    expect(caretAt('ab\ncd', 1, 9)).toBe(2)
    expect(caretAt('ab\ncd', 0, 0)).toBe(0)
  })

  it('numbers the lines', () => {
    expect(numbersOf('')).toBe('1')
    expect(numbersOf('a\nb\n')).toBe('1\n2\n3')
  })
})

describe('the test of policies', () => {
  it('asks as the gate would: with the connector of the tool, and null for what is not there', () => {
    const { input } = policyTestRequest.parse(inputOf({ ...FIRST_TRIAL, isGroup: '' }))
    expect(input.resource).toEqual({ connector: 'service', tool: 'service.restart', tool_effect: 'write' })
    expect(input.subject).toMatchObject({ role: 'viewer', sender: null, is_group: null })
    expect(input.context.approval_granted).toBe(false)
  })

  it('names no tool where the action is none of a tool', () => {
    const { input } = policyTestRequest.parse(inputOf({ ...FIRST_TRIAL, action: ' binding.create ', sender: ' +1 ' }))
    expect(input).toMatchObject({ action: 'binding.create', subject: { sender: '+1' } })
    expect(input.resource).toEqual({})
  })
})
