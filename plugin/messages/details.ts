import type { WireMessage } from '../contract/api/messages.ts'
import type { Money, Place } from '../contract/content.ts'
import { addressOfPerson } from '../contract/ids.ts'
import type { StoredMessage } from '../store/messages/messages.ts'

type Content = StoredMessage['content']
type Details = WireMessage['details']

const none = (): Details => null

/** The details of each kind of content, beside its text. */
const DETAILS: { readonly [Kind in Content['kind']]: (content: Extract<Content, { kind: Kind }>) => Details } = {
  location: content =>
    'place' in content
      ? { ...placeOf(content.place), live: content.live }
      : placeOf({ ...content, accuracyMetres: null }),
  contacts: ({ contacts }) => ({ contacts }),
  contact: ({ name, phone }) => ({ contacts: [{ name, phones: [phone] }] }),
  poll: ({ question, options, most }) => ({ question, options, select: most }),
  poll_vote: ({ options }) => ({ options }),
  event_response: ({ response, guests }) => ({ response, guests }),
  sealed: ({ what, reason }) => ({ what, reason }),
  event: ({ name, description, cancelled, place, startsAt, endsAt, where = '', link = null }) => {
    const times = { starts_at: instantOf(startsAt), ends_at: instantOf(endsAt) }
    return { name, description, cancelled, ...times, place: place && placeOf(place), where, link }
  },
  reaction: ({ emoji }) => ({ emoji }),
  group_change: ({ change, people, text }) => ({ change, people: people.map(addressOfPerson), text }),
  call: ({ video }) => ({ video }),
  album: ({ images, videos }) => ({ images, videos }),
  unsupported: ({ type }) => ({ type }),
  choice: ({ id, text, description, answers }) => ({ id, chosen: text, description, answers }),
  order: ({ id, title, items, total }) => ({ id, title, items, total: amountOf(total) }),
  product: ({ id, title, description, price, url }) => ({ id, title, description, price: amountOf(price), url }),
  payment: ({ what, amount }) => ({ what, amount: amountOf(amount) }),
  business: ({ form, offers }) => ({ form, offers }),
  comment: none,
  delete: none,
  edit: none,
  forgotten: none,
  media: none,
  revoke: none,
  text: none,
  undecryptable: none,
  view_once: none,
}

/** The details of a message beside its text, in their form for the API; null if there are none. */
export const detailsOf = ({ content }: Pick<StoredMessage, 'content'>): Details =>
  (DETAILS[content.kind] as (content: Content) => Details)(content)

/** The amount as people write it: `12.5`, with at most three digits after the point. */
const amountOf = (money: Money | null) =>
  money && { currency: money.currency, amount: String(money.thousandths / 1_000) }

const placeOf = ({ latitude, longitude, accuracyMetres, name, address }: Place) => ({
  latitude,
  longitude,
  accuracy_metres: accuracyMetres,
  name: name || null,
  address: address || null,
})

const instantOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
