import { describe, expect, it } from 'vitest'

import { whyItWaits } from '../../../plugin/web/texts/turn-words.ts'
import {
  emptyList,
  joined,
  type LoadedList,
  withFirst,
  withOlder,
  withOne,
} from '../../../plugin/web/data/loaded-list.ts'
import { showPlainly } from '../../../plugin/web/shell/plainly.ts'
import { leftOf } from '../../../plugin/web/texts/words.ts'
import { HOSTILE } from '../../support/plain-texts.ts'

const idsOf = (ids: string) => ids.split('').map(id => ({ id }))

describe('what an approver is shown', () => {
  it.each(HOSTILE)('hides nothing by %s, between elements and beside them', (_, text, shown) => {
    const between = { type: null, props: text }
    showPlainly(between)
    expect(between.props).toBe(shown)
    const element = { type: 'span', props: { 'aria-label': text, title: text, value: text } }
    showPlainly(element)
    expect(element.props).toEqual({ 'aria-label': shown, title: shown, value: text })
  })

  it('counts down what is left, and not below nothing', () => {
    expect([leftOf(245_000), leftOf(59_001), leftOf(3_723_000), leftOf(-5)]).toEqual([
      '4:05',
      '1:00',
      '1:02:03',
      '0:00',
    ])
  })

  it('says why a turn waits, by a code that it does not know as well', () => {
    expect(whyItWaits({ code: 'crash_loop', status: 'dead_letter', attempt: 3 })).toContain('stopped in each attempt')
    expect(whyItWaits({ code: 'odd', status: 'dead_letter', attempt: 1 })).toBe('The agent failed, after 1 try: odd.')
    expect(whyItWaits({ code: null, status: 'needs_operator', attempt: 2 })).toBe('A person must decide.')
  })
})

describe('a list that is loaded by pages', () => {
  it('keeps what is older than its newest page, each once', () => {
    expect(joined(idsOf('dcb'), idsOf('cba'), 3)).toEqual(idsOf('dcba'))
    expect(joined(idsOf('cba'), [], 3)).toEqual(idsOf('cba'))
  })

  it('lets go of it when something may be missing in between', () => {
    expect(joined(idsOf('fed'), idsOf('ba'), 3)).toEqual(idsOf('fed'))
    expect(joined(idsOf('d'), idsOf('ba'), 3)).toEqual(idsOf('dba'))
  })

  it('grows by what is asked for alone, however much comes, and what it let go of can be had again', () => {
    let list: LoadedList<{ id: string }> = withFirst(emptyList(3), idsOf('ba'), 3)
    expect(list).toEqual({ items: idsOf('ba'), most: 3, ended: true })
    list = withOne(withOne(list, { id: 'c' }), { id: 'c' })
    expect(list).toEqual({ items: idsOf('cba'), most: 3, ended: true })
    list = withOne(list, { id: 'd' })
    expect(list).toEqual({ items: idsOf('dcb'), most: 3, ended: false })
    list = withOlder(list, idsOf('a'), 3)
    expect(list).toEqual({ items: idsOf('dcba'), most: 4, ended: true })
    expect(withFirst(list, idsOf('hgf'), 3)).toEqual({ items: idsOf('hgf'), most: 4, ended: false })
    expect(withOne(emptyList(3), { id: 'a' }).items).toBeNull()
  })
})
