import { describe, expect, it } from 'vitest'

import { importedBy } from '../../structure/imports.ts'
import { circlesIn, layersOf, roomsOf } from '../../structure/rooms.ts'

const house = (imports: Record<string, string[]>) => roomsOf('home', new Map(Object.entries(imports)))

describe('what a source imports', () => {
  it('is what it names by a relative path, types and what it hands on or loads later included, once each', () => {
    const source = [
      `import { createHash } from 'node:crypto'`,
      `import type { A } from './a.ts'`,
      `import {`,
      `  b,`,
      `} from '../b/b.ts'`,
      `export type { C } from './c.ts'`,
      `import './d.ts'`,
      `import { e } from './a.ts'`,
      `const f = () => import('./f.ts')`,
      `const words = "import { x } from './not-this.ts'"`,
    ].join('\n')
    const paths = ['home/room/a.ts', 'home/b/b.ts', 'home/room/c.ts', 'home/room/d.ts', 'home/room/f.ts']
    expect(importedBy('home/room/x.ts', source)).toEqual(paths)
  })
})

describe('rooms', () => {
  it('are folders with all that is below them, and files that lie in none', () => {
    const rooms = house({
      'home/main.ts': ['home/a/x.ts'],
      'home/a/x.ts': ['home/a/deep/y.ts'],
      'home/a/deep/y.ts': [],
    })
    expect([...rooms].map(([room, imported]) => [room, [...imported.keys()]])).toEqual([
      ['main.ts', ['a']],
      ['a', []],
    ])
  })

  it('lie as high as the longest chain of what they import', () => {
    const rooms = house({
      'home/a/1.ts': ['home/c/1.ts', 'home/b/1.ts'],
      'home/b/1.ts': ['home/c/1.ts'],
      'home/c/1.ts': [],
    })
    expect(Object.fromEntries(layersOf(rooms))).toEqual({ a: 3, b: 2, c: 1 })
    expect(circlesIn(rooms)).toEqual([])
  })

  it('that import each other are one circle, which counts as one layer', () => {
    const rooms = house({
      'home/a/1.ts': ['home/b/1.ts'],
      'home/b/1.ts': ['home/c/1.ts'],
      'home/c/1.ts': ['home/b/2.ts'],
      'home/b/2.ts': ['home/d/1.ts'],
      'home/d/1.ts': [],
    })
    expect(circlesIn(rooms)).toEqual([['b', 'c']])
    expect(Object.fromEntries(layersOf(rooms))).toEqual({ a: 3, b: 2, c: 2, d: 1 })
  })
})
