import { DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { behaviours } from '../../../host-stub/whatsapp/world/behaviours.ts'
import {
  FURTHEST_AHEAD,
  parseWebVersion,
  revisionOf,
  versionProblem,
  type KnownVersion,
  type WebVersion,
} from '../../../plugin/contract/web-version.ts'
import { BUILT_IN, chooseVersion } from '../../../plugin/gateway/login/version-choice.ts'

const FIRST = revisionOf(BUILT_IN.version)
const version = (revision: number): WebVersion => `2.3000.${revision}`

const near = fc.integer({ min: FIRST - 50_000_000, max: FIRST + 60_000_000 }).map(version)
const known = fc.option(fc.record({ version: near, knownAt: fc.nat() }))
const refusals = fc.uniqueArray(near, { maxLength: 4 })

const chosen = (accepted: KnownVersion | null, fetched: KnownVersion | null, refused: readonly WebVersion[]) =>
  chooseVersion({ pinned: null, accepted, fetched, builtIn: BUILT_IN }, each => refused.includes(each))

describe('the shape of a version', () => {
  it('is 2.3000. and a revision of ten digits, and nothing else is one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000_000, max: 2 ** 32 - 1 }), revision => {
        expect(parseWebVersion(version(revision))).toBe(version(revision))
        expect(revisionOf(version(revision))).toBe(revision)
      }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.nat().map(version)), text => {
        const parsed = parseWebVersion(text)
        expect(parsed === null || (parsed === text && /^2\.3000\.[1-9][0-9]{9}$/.test(text))).toBe(true)
      }),
    )
    for (const text of ['2.3000.4294967296', '2.3000.0043857760', '2.3000.1043857760\n', '2x3000.1043857760'])
      expect(parseWebVersion(text)).toBeNull()
  })

  it('is that of the one that is built in, which is where the simulated source begins', () => {
    expect(BUILT_IN.version).toBe(DEFAULT_CONNECTION_CONFIG.version.join('.'))
    expect(behaviours.version_source.initial).toBe(FIRST)
  })
})

describe('what is announced', () => {
  it('is never below the one that is built in nor further ahead of it than allowed, whatever is known', () => {
    expect(versionProblem(version(FIRST + FURTHEST_AHEAD), BUILT_IN.version)).toBeNull()
    expect(versionProblem(version(FIRST + FURTHEST_AHEAD + 1), BUILT_IN.version)).toBe('too_high')
    expect(versionProblem(version(FIRST - 1), BUILT_IN.version)).toBe('too_low')
    fc.assert(
      fc.property(known, known, refusals, (accepted, fetched, refused) => {
        expect(versionProblem(chosen(accepted, fetched, refused).version, BUILT_IN.version)).toBeNull()
      }),
    )
  })

  it('is the newest that was not refused, and only when there is none one that was', () => {
    fc.assert(
      fc.property(known, known, refusals, (accepted, fetched, refused) => {
        const usable = [accepted, fetched, BUILT_IN].flatMap(each =>
          each && versionProblem(each.version, BUILT_IN.version) === null ? [each.version] : [],
        )
        const left = usable.filter(each => !refused.includes(each))
        const newest = Math.max(...(left.length > 0 ? left : usable).map(revisionOf))
        const choice = chosen(accepted, fetched, refused)
        expect(revisionOf(choice.version)).toBe(newest)
        expect(choice.refused).toBe(left.length === 0)
      }),
    )
  })

  it('is the pinned one, whatever is known and whatever was refused', () => {
    fc.assert(
      fc.property(near, fc.tuple(known, known), refusals, (pinned, [accepted, fetched], refused) => {
        const candidates = { pinned, accepted, fetched, builtIn: BUILT_IN }
        const choice = chooseVersion(candidates, each => refused.includes(each))
        expect([choice.version, choice.from, choice.refused]).toEqual([pinned, 'pinned', refused.includes(pinned)])
      }),
    )
  })

  it('says that WhatsApp let it in before it says who names it', () => {
    const newer = { version: version(FIRST + 7), knownAt: 1 }
    expect(chosen(newer, { ...newer, knownAt: 2 }, [])).toMatchObject({ from: 'accepted', knownAt: 1 })
    expect(chosen(null, newer, [])).toMatchObject({ from: 'fetched' })
    expect(chosen(null, null, [])).toMatchObject({ from: 'built_in', knownAt: Date.UTC(2026, 6, 25) })
  })
})
