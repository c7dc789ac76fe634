import { useEffect, useState } from 'preact/hooks'

import { linkTo, useAddress } from './address.ts'
import { useChannel } from './channel.ts'
import { LinksContext, useLinksOfOrg } from './links.ts'
import { viewOf, views } from './views.tsx'

/** Whether the socket to the host is open. */
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
    <div role="status" class={lost ? 'line note bad' : 'line'}>
      {lost && 'The host does not answer. This page goes on by itself once it does.'}
    </div>
  )
}

/** What surrounds every view: where one can go, and whether the host is there. */
export function Shell() {
  const [name = ''] = useAddress()
  const links = useLinksOfOrg()
  const channel = useChannel()
  const view = viewOf(name)
  useEffect(() => {
    document.title = `${view.title} · WhatsApp channel`
  }, [view])
  return (
    <LinksContext.Provider value={links}>
      <button class="skip" onClick={() => document.getElementById('view')?.focus()}>
        Skip to the view
      </button>
      <nav aria-label="Views">
        <ul>
          {views.map(each => (
            <li key={each.name}>
              <a href={linkTo(each.name)} aria-current={each === view ? 'page' : undefined}>
                {each.title}
              </a>
            </li>
          ))}
        </ul>
        <button class="quiet" onClick={() => channel.signOut(null)}>
          Sign out
        </button>
      </nav>
      <main id="view" tabIndex={-1}>
        <Line />
        <h1>{view.title}</h1>
        <view.Body />
      </main>
    </LinksContext.Provider>
  )
}
