import type { ComponentType } from 'preact'

import { PanelFrame, panels, viewNameOf } from './panels.tsx'
import { Channels } from './views/channels.tsx'

/** One view of the page. */
export type View = {
  /** As in its address. */
  readonly name: string
  readonly title: string
  readonly Body: ComponentType
}

export const views: readonly View[] = [{ name: 'channels', title: 'Channels', Body: Channels }]

/** The host's own pages, each as a view: where there is no room for it beside another. */
export const panelViews: readonly View[] = panels.map(panel => ({
  name: viewNameOf(panel),
  title: panel.title,
  Body: () => <PanelFrame panel={panel} />,
}))

/** The view of an address; the first where it names none. */
export const viewOf = (name: string): View =>
  [...views, ...panelViews].find(each => each.name === name) ?? (views[0] as View)
