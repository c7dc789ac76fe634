import type { Route } from './route.ts'

/** A section of operations: its name in documents and clients, its description, and the prefixes of its procedures. */
type Section = { readonly name: string; readonly description: string; readonly begins: readonly string[] }

const CHANNELS: Section = {
  name: 'channels',
  description: 'The catalog of channels, and how an account of WhatsApp is configured, tried and unlinked.',
  begins: [],
}

const SECTIONS: readonly Section[] = [
  CHANNELS,
  {
    name: 'pairing',
    description: 'How a phone is linked: by a QR code, by a code that is typed on it, or by a passkey.',
    begins: ['whatsapp.qr.', 'whatsapp.code.', 'whatsapp.passkey.'],
  },
  {
    name: 'sends',
    description: 'What is said to people and groups, and how far it has come.',
    begins: ['whatsapp.send', 'whatsapp.schema'],
  },
  { name: 'messages', description: 'What came and went, and what became of it.', begins: ['whatsapp.messages.'] },
  { name: 'groups', description: 'The groups that an account is in.', begins: ['whatsapp.groups.'] },
  { name: 'contacts', description: 'Which numbers are on WhatsApp.', begins: ['contacts.'] },
  {
    name: 'bindings',
    description: 'Which agent answers which messages, and which could.',
    begins: ['bindings.', 'agents.'],
  },
  { name: 'turns', description: 'What agents are at, and what waits for a person.', begins: ['turns.'] },
  {
    name: 'chats',
    description: 'Chats that a person has taken over, or a machine answers in.',
    begins: ['takeovers.', 'loops.'],
  },
  { name: 'approvals', description: 'Tool calls that wait for a person, or waited.', begins: ['approvals.'] },
  { name: 'policies', description: 'What agents and callers may do.', begins: ['policies.'] },
]

const INTERFACE: Section = {
  name: 'interface',
  description: 'The description of this interface, and its metrics.',
  begins: [],
}

/** The sections of the interface, in display order. */
export const TAGS = [...SECTIONS, INTERFACE].map(({ name, description }) => ({ name, description }))

/** The section of a route. */
export function tagOf({ procedure }: Pick<Route, 'procedure'>): string {
  if (procedure === null) return INTERFACE.name
  const section = SECTIONS.find(({ begins }) => begins.some(each => procedure.startsWith(each)))
  return (section ?? CHANNELS).name
}
