import { proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import type { MessageContent } from '../../../../plugin/contract/content.ts'
import { contentOf } from '../../../../plugin/gateway/kinds/content.ts'
import { MESSAGE_TYPES } from '../../../../plugin/gateway/kinds/message-types.ts'
import { unwrapped, WRAPPERS } from '../../../../plugin/gateway/kinds/unwrap.ts'
import { messageWith, textPaths, typeNames } from '../../../support/message-descriptor.ts'

const CANARY = 'canary7Q'
const rowsOf = (...roles: string[]): string[] =>
  Object.entries(MESSAGE_TYPES).flatMap(([type, { is }]) => (roles.includes(is) ? [type] : []))

/** As it comes over the line: bytes, not what a test wrote. */
function read(message: Record<string, unknown>): MessageContent | null {
  const inner = unwrapped(proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish()))
  return inner && contentOf(inner)
}

/** What of a text's name says that it is for machines, wherever it stands. */
const FOR_MACHINES =
  /^(.*(url|path|mimetype|jid|id|hash|key|token|json|code|iso4217|type|namespace|payload|source|signals|hash\[\]|receivers\[\])|(fallback|deterministic)L[gc]|capabilities\[\]|accessibilityLabel)$/i

/** Texts that are read in no message of such a type, and why: of all others a new one fails here until somebody decides. */
const UNREAD: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  'the preview that a phone makes of a page, and of what is sold or played there': {
    extendedTextMessage:
      /^(matchedText|description|title|inviteLinkParentGroupSubjectV2|paymentExtendedMetadata|(linkPreviewMetadata\.)?(paymentLinkMetadata|musicMetadata|videoContentCaption)|endCardTiles\[\]).*$/,
  },
  'the emoji of a reaction to nothing': { reactionMessage: /^text$/ },
  'the name of a mechanism': {
    interactiveResponseMessage: /^nativeFlowResponseMessage\.name$/,
    interactiveMessage: /nativeFlowMessage\.buttons\[\]\.name$/,
    templateMessage: /nativeFlowMessage\.buttons\[\]\.name$/,
    highlyStructuredMessage: /nativeFlowMessage\.buttons\[\]\.name$/,
    buttonsMessage: /nativeFlowInfo\.name$/,
    richResponseMessage: /codeLanguage$/,
    requestPaymentMessage: /^requestFrom$/,
    sendPaymentMessage: /^transactionData$/,
  },
  'a card, of which the name and the numbers are read; how many cards there are': {
    contactMessage: /^vcard$/,
    contactsArrayMessage: /^(displayName|contacts\[\]\.vcard)$/,
  },
  'the answer of a quiz, which is one of its options': {
    pollCreationMessage: /^correctAnswer/,
    pollCreationMessageV2: /^correctAnswer/,
    pollCreationMessageV3: /^correctAnswer/,
    pollCreationMessageV5: /^correctAnswer/,
  },
  'the picture of a product has no caption on a phone': {
    productMessage: /Image\.caption$/,
    interactiveMessage: /Image\.caption$/,
    templateMessage: /Image\.caption$/,
    highlyStructuredMessage: /Image\.caption$/,
  },
  'of a list, the title of a part without anything in it': {
    listMessage: /^(sections\[\]\.title|productListInfo\.productSections\[\]\.title)$/,
  },
  'the source of a formula, whose text is read': { richResponseMessage: /latexExpression$/ },
  'the files of stickers': { stickerPackMessage: /^(stickers\[\]\..*|trayIconFileName)$/ },
}

const isDecided = (type: string, path: string): boolean =>
  Object.values(UNREAD).some(types => types[type]?.test(path) === true)

describe('every type of message', () => {
  it('that Baileys knows has a row, and is a wrapper where it holds another', () => {
    expect(Object.keys(MESSAGE_TYPES).toSorted()).toEqual(typeNames().toSorted())
    expect(rowsOf('wrapper').toSorted()).toEqual([...WRAPPERS].toSorted())
  })

  it.each(rowsOf('said', 'titled').filter(type => type !== 'conversation'))(
    'has its words read, whichever of them there are: %s',
    type => {
      const unread = textPaths(type)
        .filter(path => !FOR_MACHINES.test(path.at(-1) ?? ''))
        .filter(path => !JSON.stringify(read(messageWith(type, path, CANARY))).includes(CANARY))
        .map(path => path.join('.'))
      expect(unread.filter(path => !isDecided(type, path))).toEqual([])
    },
  )

  it('that nobody says holds no words', () => {
    const words = rowsOf('unsaid').flatMap(type => textPaths(type).map(path => `${type}.${path.join('.')}`))
    expect(words.filter(path => !FOR_MACHINES.test(path.split('.').at(-1) ?? ''))).toEqual([])
  })

  it.each(WRAPPERS.map(name => [name]))('is read in its wrapper: %s', name => {
    expect(read({ [name]: { message: { conversation: CANARY } } })).toEqual({ kind: 'text', text: CANARY })
  })
})

describe('what somebody chose', () => {
  const flow = (paramsJson: string, body?: string) => ({
    interactiveResponseMessage: {
      ...(body !== undefined && { body: { text: body } }),
      nativeFlowResponseMessage: { name: 'any', paramsJson },
    },
  })
  const chosen = { kind: 'choice', description: '', id: null, answers: [] }

  it.each([
    [
      'a button',
      { buttonsResponseMessage: { selectedDisplayText: 'Yes', selectedButtonId: 'y' } },
      { text: 'Yes', id: 'y' },
    ],
    ['a button with an id alone', { buttonsResponseMessage: { selectedButtonId: 'y' } }, { text: 'y', id: 'y' }],
    [
      'a template button',
      { templateButtonReplyMessage: { selectedDisplayText: 'Go', selectedId: 'g' } },
      { text: 'Go', id: 'g' },
    ],
    [
      'a row of a list',
      { listResponseMessage: { title: 'Tea', description: 'hot', singleSelectReply: { selectedRowId: 't' } } },
      { text: 'Tea', description: 'hot', id: 't' },
    ],
    [
      'a row with an id alone',
      { listResponseMessage: { singleSelectReply: { selectedRowId: 't' } } },
      { text: 't', id: 't' },
    ],
    ['a flow with an id alone', flow('{"id":"x"}'), { text: 'x', id: 'x' }],
    [
      'a flow with a label',
      flow('{"id":"x","display_text":"Exit"}', 'Go on?'),
      { text: 'Exit', id: 'x', description: 'Go on?' },
    ],
    ['a flow with a body', flow('{"id":"x"}', 'Exit'), { text: 'Exit', id: 'x' }],
    ['a flow whose answer is no JSON', flow('Exit'), { text: 'Exit' }],
    [
      'a form',
      flow('{"flow_token":"t","name":"Ann","size":4,"extras":["ice","lime"],"none":"","at":{"day":1}}', 'Sent'),
      {
        text: 'Sent',
        answers: [
          { name: 'name', value: 'Ann' },
          { name: 'size', value: '4' },
          { name: 'extras', value: 'ice, lime' },
          { name: 'at', value: '{"day":1}' },
        ],
      },
    ],
  ])('is known for %s', (_name, message, content) => {
    expect(read(message)).toEqual({ ...chosen, ...content })
  })
})
