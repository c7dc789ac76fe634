import { attribute, child, children, stanza, type Stanza } from '../stanza.ts'
import { ProtocolBreach, type Query } from './query.ts'

type Answer = (query: Query) => Stanza[]

const privacyCategories = {
  last: 'all',
  online: 'all',
  profile: 'all',
  status: 'all',
  readreceipts: 'all',
  groupadd: 'all',
  calladd: 'all',
}

const nothing: Answer = () => []

/** The small queries of a client that the network answers without remembering anything. */
export const settingsAnswers: Record<string, Answer> = {
  abt: () => [stanza('props', { protocol: '1', hash: 'simulated' })],
  blocklist: nothing,
  privacy: ({ node }) => (child(node, 'privacy') ? [privacy()] : []),
  'w:p': nothing,
  'w:m': ({ world: { media } }) => [
    stanza('media_conn', { auth: media?.auth ?? 'none', ttl: '3600' }, [
      stanza('host', { hostname: media?.hostname ?? '127.0.0.1:9' }),
    ]),
  ],
  'w:sync:app:state': ({ node }) => [stanza('sync', {}, children(child(node, 'sync')).map(collection))],
  'w:profile:picture': () => [stanza('error', { code: '404', text: 'item-not-found' })],
  'w:stats': nothing,
  'urn:xmpp:whatsapp:dirty': nothing,
  disappearing_mode: nothing,
  status: nothing,
}

/** An app-state collection that has nothing new. */
function collection(node: Stanza): Stanza {
  const name = attribute(node, 'name')
  if (name === undefined) throw new ProtocolBreach('app-state collection without a name')
  return stanza('collection', { name, version: attribute(node, 'version') })
}

function privacy(): Stanza {
  const categories = Object.entries(privacyCategories).map(([name, value]) => stanza('category', { name, value }))
  return stanza('privacy', {}, categories)
}
