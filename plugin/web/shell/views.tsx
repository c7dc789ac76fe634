import type { ComponentType } from 'preact'

import { PendingCount } from '../approvals/pending-count.tsx'
import { PanelFrame, panels, viewNameOf } from './panels.tsx'
import { shellTexts as texts } from '../texts/shell-texts.ts'
import { Approvals } from '../views/approvals.tsx'
import { Audit } from '../views/audit.tsx'
import { Bindings } from '../views/bindings.tsx'
import { Channels } from '../views/channels.tsx'
import { Deliveries } from '../views/deliveries.tsx'
import { Messages } from '../views/messages.tsx'
import { Policies } from '../views/policies.tsx'

/** One view of the page. */
export type View = {
  /** Its name in the address. */
  readonly name: string
  readonly title: string
  readonly Body: ComponentType
  /** Shown beside its title in the navigation. */
  readonly Aside?: ComponentType
}

export const views: readonly View[] = [
  { name: 'channels', title: texts.views.channels, Body: Channels },
  { name: 'messages', title: texts.views.messages, Body: Messages },
  { name: 'bindings', title: texts.views.bindings, Body: Bindings },
  { name: 'approvals', title: texts.views.approvals, Body: Approvals, Aside: PendingCount },
  { name: 'policies', title: texts.views.policies, Body: Policies },
  { name: 'deliveries', title: texts.views.deliveries, Body: Deliveries },
  { name: 'audit', title: texts.views.audit, Body: Audit },
]

/** The host's pages as views of their own, for narrow screens. */
export const panelViews: readonly View[] = panels.map(panel => ({
  name: viewNameOf(panel),
  title: panel.title,
  Body: () => <PanelFrame panel={panel} />,
}))

/** The view with this name; the first if there is none. */
export const viewOf = (name: string): View =>
  [...views, ...panelViews].find(each => each.name === name) ?? (views[0] as View)
