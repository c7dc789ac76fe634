import type { proto } from '@whiskeysockets/baileys'

import type { ContactCard } from '../../contract/content.ts'
import { phoneFromDigits } from '../../contract/ids.ts'

const PHONES_MOST = 20
const PHONE_LETTERS_MOST = 40
/** A line of a vCard: its name, its parameters, its value. */
const LINE = /^(?:[\w-]+\.)?([\w-]+)((?:;[^:]*)?):(.*)$/u

/** The useful parts of a contact card. Its name is the one that it was sent under, else the one in the card. */
export function contactCard({ displayName, vcard }: proto.Message.IContactMessage): ContactCard {
  const lines = unfolded(vcard ?? '').flatMap(line => {
    const [, name, parameters = '', value = ''] = LINE.exec(line) ?? []
    return name === undefined ? [] : [{ name: name.toUpperCase(), parameters, value: value.trim() }]
  })
  const named = lines.find(({ name }) => name === 'FN')?.value ?? ''
  const phones = lines.filter(({ name }) => name === 'TEL').map(phoneOf)
  return {
    name: displayName || named,
    phones: [...new Set(phones.filter(phone => phone !== ''))].slice(0, PHONES_MOST),
  }
}

/** A line that begins with a blank continues the line before. */
const unfolded = (vcard: string): string[] => vcard.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)

/** Beside a number, `waid` names the account that has it on WhatsApp: digits without a plus. */
function phoneOf({ parameters, value }: { parameters: string; value: string }): string {
  const [, digits] = /;waid=(\d{1,20})(?:;|$)/iu.exec(parameters) ?? []
  return (digits !== undefined && phoneFromDigits(digits)) || value.slice(0, PHONE_LETTERS_MOST)
}
