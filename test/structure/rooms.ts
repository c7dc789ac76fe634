import type { Imports } from './imports.ts'

/** Which rooms of a place import which others, each with one import that shows it. A room is a folder with all below it, or a file that lies in none. */
export type Rooms = ReadonlyMap<string, ReadonlyMap<string, string>>

const roomOf = (place: string, file: string): string => file.slice(place.length + 1).split('/')[0] ?? file

export function roomsOf(place: string, imports: Imports): Rooms {
  const rooms = new Map<string, Map<string, string>>()
  for (const [file, others] of imports) {
    const room = roomOf(place, file)
    const imported = rooms.get(room) ?? new Map<string, string>()
    rooms.set(room, imported)
    for (const other of others) {
      const there = roomOf(place, other)
      if (there !== room && !imported.has(there)) imported.set(there, `${file} imports ${other}`)
    }
  }
  return rooms
}

/** The rooms that import each other in a circle, by circles: none has fewer than two. */
export function circlesIn(rooms: Rooms): string[][] {
  const reached = new Map([...rooms.keys()].map(room => [room, reachedFrom(rooms, room)]))
  const circleOf = (room: string): string[] =>
    [...rooms.keys()].filter(other => reached.get(room)?.has(other) && reached.get(other)?.has(room))
  const circles = [...rooms.keys()].map(circleOf).filter(circle => circle.length > 1)
  return [...new Map(circles.map(circle => [circle.join(' '), circle])).values()]
}

function reachedFrom(rooms: Rooms, room: string): ReadonlySet<string> {
  const reached = new Set<string>()
  const look = [room]
  for (let next = look.pop(); next !== undefined; next = look.pop()) {
    for (const other of rooms.get(next)?.keys() ?? []) {
      if (reached.has(other)) continue
      reached.add(other)
      look.push(other)
    }
  }
  return reached
}

/** How many rooms lie one upon the other: the longest chain of imports to each, a circle counted as one. */
export function layersOf(rooms: Rooms): ReadonlyMap<string, number> {
  const circles = circlesIn(rooms)
  const within = (room: string): readonly string[] => circles.find(circle => circle.includes(room)) ?? [room]
  const layers = new Map<string, number>()
  const layerOf = (room: string): number => {
    const known = layers.get(room)
    if (known !== undefined) return known
    const own = within(room)
    const below = own.flatMap(each => [...(rooms.get(each)?.keys() ?? [])]).filter(other => !own.includes(other))
    const layer = 1 + Math.max(0, ...below.map(layerOf))
    for (const each of own) layers.set(each, layer)
    return layer
  }
  for (const room of rooms.keys()) layerOf(room)
  return layers
}
