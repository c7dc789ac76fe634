import { ReachoutTimelockEnforcementType } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import { lockedUntil } from '../../../../plugin/gateway/messages/time-lock.ts'

const NOW = Date.UTC(2026, 0, 5, 9)
const HOUR_MS = 3_600_000
const endsAt = (timeEnforcementEnds: Date | undefined) => ({
  isActive: true,
  ...(timeEnforcementEnds && { timeEnforcementEnds }),
  enforcementType: ReachoutTimelockEnforcementType.DEFAULT,
})

it('a lock lasts until the end that WhatsApp names, and one hour when it names none that can be read', () => {
  expect(lockedUntil(endsAt(new Date(NOW + 5)), NOW)).toBe(NOW + 5)
  expect(lockedUntil(endsAt(undefined), NOW)).toBe(NOW + HOUR_MS)
  expect(lockedUntil(endsAt(new Date(Number.NaN)), NOW)).toBe(NOW + HOUR_MS)
})

it('there is none when WhatsApp says so, or says nothing', () => {
  expect(lockedUntil({ ...endsAt(new Date(NOW + 5)), isActive: false }, NOW)).toBeNull()
  expect(lockedUntil({}, NOW)).toBeNull()
})
