import { useEffect, useRef, useState } from 'preact/hooks'

import type { Panel } from '../../contract/panel.ts'
import { linkTo, useAddress } from '../hooks/address.ts'
import { useChannel } from '../data/channel.ts'
import { useFocusInView } from '../hooks/focus.ts'
import { LinksContext, useLinksOfOrg } from '../data/links.ts'
import { shellTexts as texts } from '../texts/shell-texts.ts'
import { PanelFrame, panels } from './panels.tsx'
import { Problems } from './problems.tsx'
import { useShownCode } from '../pairing/shown-code.ts'
import { panelViews, type View, viewOf, views } from './views.tsx'

/** Shows when the socket to the host is lost. */
function Line() {
  const channel = useChannel()
  const [up, setUp] = useState(() => channel.isUp())
  const [was, setWas] = useState(false)
  useEffect(
    () =>
      channel.onLine(() => {
        setUp(channel.isUp())
        setWas(was => was || channel.isUp())
      }),
    [channel],
  )
  const lost = !up && was
  return (
    <div role="status" class={lost ? 'note bad' : ''}>
      {lost && texts.lost}
    </div>
  )
}

/** The navigation. On wide screens, a host's panel opens beside the view instead. */
function Places({ view, open, setOpen }: { view: View; open: Panel | null; setOpen: (panel: Panel | null) => void }) {
  const linkOf = (each: View, place?: string) => (
    <li key={each.name} class={place}>
      <a href={linkTo(each.name)} aria-current={each === view ? 'page' : undefined}>
        {each.title}
        {each.Aside && <each.Aside />}
      </a>
    </li>
  )
  return (
    <>
      <ul>
        {views.map(each => linkOf(each))}
        {panelViews.map(each => linkOf(each, 'if-narrow'))}
      </ul>
      {panels.map(panel => (
        <button
          key={panel.path}
          class="if-wide"
          aria-pressed={open === panel}
          onClick={() => setOpen(open === panel ? null : panel)}
        >
          {panel.title}
        </button>
      ))}
    </>
  )
}

/** The frame around every view: the navigation, and whether the host is reachable. */
export function Shell() {
  const address = useAddress()
  const [name = ''] = address
  const first = useRef(address)
  const links = useLinksOfOrg()
  const channel = useChannel()
  const view = viewOf(name)
  const [open, setOpen] = useState<Panel | null>(null)
  useShownCode()
  // The link that was clicked may have disappeared with its view.
  useFocusInView(address !== first.current, [address.join('/')])
  useEffect(() => {
    document.title = texts.titleOf(view.title)
  }, [view])
  return (
    <LinksContext.Provider value={links}>
      <button class="skip" onClick={() => document.getElementById('view')?.focus()}>
        {texts.skip}
      </button>
      <nav aria-label={texts.navigation}>
        <Places view={view} open={open} setOpen={setOpen} />
        <button class="quiet" onClick={() => channel.signOut(null)}>
          {texts.signOut}
        </button>
      </nav>
      <main id="view" tabIndex={-1}>
        <Line />
        <Problems />
        <h1>{view.title}</h1>
        <view.Body />
      </main>
      {open && (
        <aside class="if-wide" aria-label={open.title}>
          <PanelFrame panel={open} />
        </aside>
      )}
    </LinksContext.Provider>
  )
}
