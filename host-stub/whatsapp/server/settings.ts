import { collectionFor } from './app-state.ts'
import { issueTokens } from '../protocol/tokens.ts'
import { child, children, stanza, type Stanza } from '../wire/stanza.ts'
import type { Query } from '../protocol/query.ts'

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

/** Small queries of a client that the network answers without storing anything. */
export const settingsAnswers: Record<string, Answer> = {
  abt: () => [stanza('props', { protocol: '1', hash: 'simulated' })],
  blocklist: nothing,
  privacy: ({ world, companion, node }) => {
    const tokens = child(node, 'tokens')
    if (tokens) return issueTokens(world, companion, tokens)
    return child(node, 'privacy') ? [privacy()] : []
  },
  'w:p': nothing,
  'w:m': ({ world: { media } }) => [
    stanza('media_conn', { auth: media?.auth ?? 'none', ttl: '3600' }, [
      stanza('host', { hostname: media?.hostname ?? '127.0.0.1:9' }),
    ]),
  ],
  'w:sync:app:state': ({ world, companion, node }) => [
    stanza(
      'sync',
      {},
      children(child(node, 'sync')).map(asked => collectionFor(world, companion.account, asked)),
    ),
  ],
  'w:profile:picture': () => [stanza('error', { code: '404', text: 'item-not-found' })],
  'w:stats': nothing,
  'urn:xmpp:whatsapp:dirty': nothing,
  disappearing_mode: nothing,
  status: nothing,
}

function privacy(): Stanza {
  const categories = Object.entries(privacyCategories).map(([name, value]) => stanza('category', { name, value }))
  return stanza('privacy', {}, categories)
}
