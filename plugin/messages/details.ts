import type { WireMessage } from '../contract/api/messages.ts'
import type { Money, Place } from '../contract/content.ts'
import { addressOfPerson } from '../contract/ids.ts'
import type { StoredMessage } from '../store/messages/messages.ts'

/** What a message says that is no text, as the wire has it; null when there is nothing of that kind in it. */
export function detailsOf({ content }: Pick<StoredMessage, 'content'>): WireMessage['details'] {
  switch (content.kind) {
    case 'location':
      return 'place' in content
        ? { ...placeOf(content.place), live: content.live }
        : placeOf({ ...content, accuracyMetres: null })
    case 'contacts':
      return { contacts: content.contacts }
    case 'contact':
      return { contacts: [{ name: content.name, phones: [content.phone] }] }
    case 'poll':
      return { question: content.question, options: content.options, select: content.most }
    case 'poll_vote':
      return { options: content.options }
    case 'event_response':
      return { response: content.response, guests: content.guests }
    case 'sealed':
      return { what: content.what, reason: content.reason }
    case 'event': {
      const { name, description, cancelled, place } = content
      const times = { starts_at: instantOf(content.startsAt), ends_at: instantOf(content.endsAt) }
      const { where = '', link = null } = content
      return { name, description, cancelled, ...times, place: place && placeOf(place), where, link }
    }
    case 'reaction':
      return { emoji: content.emoji }
    case 'group_change':
      return { change: content.change, people: content.people.map(addressOfPerson), text: content.text }
    case 'call':
      return { video: content.video }
    case 'album':
      return { images: content.images, videos: content.videos }
    case 'unsupported':
      return { type: content.type }
    default:
      return dealtIn(content)
  }
}

/** What is chosen, sold, paid or offered. */
function dealtIn(content: StoredMessage['content']): WireMessage['details'] {
  switch (content.kind) {
    case 'choice':
      return { id: content.id, chosen: content.text, description: content.description, answers: content.answers }
    case 'order': {
      const { id, title, items, total } = content
      return { id, title, items, total: amountOf(total) }
    }
    case 'product': {
      const { id, title, description, price, url } = content
      return { id, title, description, price: amountOf(price), url }
    }
    case 'payment':
      return { what: content.what, amount: amountOf(content.amount) }
    case 'business':
      return { form: content.form, offers: content.offers }
    default:
      return null
  }
}

/** As people write it: `12.5`, with at most three digits behind the point. */
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
