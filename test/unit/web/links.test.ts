import { describe, expect, it } from 'vitest'

import type { WireAccount, WireLink } from '../../../plugin/contract/api/channels.ts'
import { nothingYet } from '../../../plugin/web/messages/nothing-yet.ts'
import { hasLogin, titleOf, unpairedSentence } from '../../../plugin/web/texts/account-words.ts'

const PHONE = '+972500000001'
type Stands = Pick<WireLink, 'status' | 'phone'>
const link = (status: WireLink['status'], phone: string | null = null): Stands => ({ status, phone })

describe('an empty list of messages', () => {
  const account = (name: string, stands: Stands) => ({ account: name, phone: stands.phone, connection: stands })
  const up = account('default', link('connected', PHONE))

  type Case = { accounts: readonly ReturnType<typeof account>[]; chosen: string; kind: string }

  it.each<[string, Case]>([
    ['asks for a phone before one is linked', { accounts: [], chosen: '', kind: 'link' }],
    [
      'asks for one while none was scanned',
      { accounts: [account('default', link('not_paired'))], chosen: '', kind: 'link' },
    ],
    [
      'asks for one for the account that is chosen',
      { accounts: [up, account('sales', link('pairing'))], chosen: 'sales', kind: 'link' },
    ],
    [
      'says where to write once a phone is linked',
      { accounts: [account('sales', link('not_paired')), up], chosen: '', kind: 'write' },
    ],
    [
      'says where to write while what waited is missing',
      { accounts: [account('default', link('degraded', PHONE))], chosen: '', kind: 'write' },
    ],
    [
      'says that no line is up',
      {
        accounts: [{ ...account('default', link('waiting')), phone: PHONE }, account('sales', link('not_paired'))],
        chosen: '',
        kind: 'down',
      },
    ],
  ])('%s', (_, { accounts, chosen, kind }) => {
    const found = nothingYet(accounts, chosen)
    expect(found.kind).toBe(kind)
    if (found.kind === 'write') expect(found.phone).toBe(PHONE)
  })
})

describe('a link', () => {
  it('can be ended when there is one', () => {
    const without: Stands[] = [link('not_configured'), link('not_paired'), link('pairing'), link('waiting')]
    expect(without.map(each => hasLogin(each, null))).toEqual([false, false, false, false])
    const withOne: Stands[] = [link('connected', PHONE), link('connecting'), link('degraded'), link('stopped')]
    expect(withOne.map(each => hasLogin(each, null))).toEqual([true, true, true, true])
    expect(hasLogin(link('waiting'), PHONE)).toBe(true)
  })

  it('has a heading that says what it is', () => {
    const known = { display_name: 'Support' } as WireAccount
    expect([titleOf('default', undefined), titleOf('sales', undefined), titleOf('sales', known)]).toEqual([
      'WhatsApp',
      'WhatsApp · sales',
      'Support',
    ])
  })

  it('says once it is ended whether WhatsApp knows', () => {
    expect(unpairedSentence({ name: 'Support', unlinked: true })).toBe(
      'Support is unpaired: the device is unlinked, and its keys are destroyed. Bindings and messages are still here.',
    )
    expect(unpairedSentence({ name: 'Support', unlinked: false })).toBe(
      'Support is unpaired and its keys are destroyed, but WhatsApp could not be reached: remove the device on the phone as well, under WhatsApp → Settings → Linked devices. Bindings and messages are still here.',
    )
  })
})
