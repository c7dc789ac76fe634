import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { parseArgs } from 'node:util'

import { importsBelow } from './imports.ts'
import { circlesIn, layersOf, type Rooms, roomsOf } from './rooms.ts'
import { type options, usage } from './structure-options.ts'

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

const ROOT = resolve(import.meta.dirname, '../..')
const PLACES = ['plugin', 'plugin/gateway', 'plugin/store', 'plugin/api', 'plugin/web', 'host-stub/whatsapp', 'client']

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Prints it; ends with 1 where rooms import each other in a circle. */
export async function main({ place }: Values): Promise<number> {
  if (place !== undefined && !existsSync(join(ROOT, place))) {
    say(usage)
    return 2
  }
  const seen = (place === undefined ? PLACES : [place]).map(each => {
    return { place: each, rooms: roomsOf(each, importsBelow(ROOT, each)) }
  })
  say(['place'.padEnd(20), 'rooms', 'imports', 'layers', 'circles'].join('  '))
  for (const { place: each, rooms } of seen) say(rowOf(each, rooms))
  for (const { place: each, rooms } of seen) for (const line of circleLines(rooms)) say(`${each}: ${line}`)
  if (place !== undefined) for (const { rooms } of seen) sayLayers(rooms)
  return seen.some(({ rooms }) => circlesIn(rooms).length > 0) ? 1 : 0
}

const deepest = (rooms: Rooms): number => Math.max(0, ...layersOf(rooms).values())

function rowOf(place: string, rooms: Rooms): string {
  const arrows = [...rooms.values()].reduce((count, { size }) => count + size, 0)
  const counts = [
    [rooms.size, 5],
    [arrows, 7],
    [deepest(rooms), 6],
    [circlesIn(rooms).length, 7],
  ] as const
  return [place.padEnd(20), ...counts.map(([count, width]) => String(count).padStart(width))].join('  ')
}

/** Each import that leads round a circle. */
function circleLines(rooms: Rooms): string[] {
  return circlesIn(rooms).flatMap(circle =>
    circle.flatMap(room => circle.flatMap(other => rooms.get(room)?.get(other) ?? [])),
  )
}

function sayLayers(rooms: Rooms): void {
  const layers = [...layersOf(rooms)]
  for (let layer = deepest(rooms); layer > 0; layer -= 1) {
    const here = layers.filter(([, each]) => each === layer).map(([room]) => room)
    say(`${String(layer).padStart(3)}  ${here.join('  ')}`)
  }
}
