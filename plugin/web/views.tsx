import type { ComponentType } from 'preact'

import { Channels } from './views/channels.tsx'

/** One view of the page. */
export type View = {
  /** As in its address. */
  readonly name: string
  readonly title: string
  readonly Body: ComponentType
}

export const views: readonly View[] = [{ name: 'channels', title: 'Channels', Body: Channels }]

/** The view of an address; the first where it names none. */
export const viewOf = (name: string): View => views.find(each => each.name === name) ?? (views[0] as View)
