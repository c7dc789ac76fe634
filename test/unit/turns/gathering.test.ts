import { describe, expect, it } from 'vitest'

import { gapBetween } from '../../../plugin/inbox/message-batch.ts'

/** Written so many seconds later by WhatsApp's stamp, received so many ms later. */
const later = (sent: number, received: number) => ({ sentAt: 10_000 + sent * 1_000, receivedAt: 10_400 + received })

describe('how far apart two messages were written', () => {
  it.each([
    ['is told by when they came, which is more exact than whole seconds', later(1, 400), 400],
    ['is told by when they came where the stamps have gone on by two', later(2, 1_400), 1_400],
    ['is told by the stamps of what waited for us and came at once', later(60, 5), 60_000],
    ['is told by the stamps where one of them came late', later(1, 8_000), 1_000],
    ['is told by the stamps where the later one came first', later(3, -200), 3_000],
    ['is nothing between two that were written and came at once', later(0, 0), 0],
  ])('%s', (_, other, expected) => {
    expect(gapBetween(later(0, 0), other)).toBe(expected)
  })
})
