import type { proto } from '@whiskeysockets/baileys'

import type { BusinessForm, MessageContent, Offer } from '../../contract/content.ts'
import { productOf } from './commerce.ts'
import { firstOf, joined, jsonObject } from './message-text.ts'

type Business = Extract<MessageContent, { kind: 'business' }>
type Said = { readonly text: string; readonly offers: readonly Offer[] }

const business = (form: BusinessForm, { text, offers }: Said): Business => ({ kind: 'business', form, text, offers })

const offer = (
  title: string | null | undefined,
  id: string | null | undefined,
  description?: string | null,
): Offer[] => {
  const shown = firstOf(title, id, description)
  return shown === '' ? [] : [{ title: shown, description: description ?? '', id: id || null }]
}

/** The head of a business message, if that is a file, a place or a product. */
type Headed = {
  readonly documentMessage?: proto.Message.IDocumentMessage | null
  readonly imageMessage?: proto.Message.IImageMessage | null
  readonly videoMessage?: proto.Message.IVideoMessage | null
  readonly locationMessage?: proto.Message.ILocationMessage | null
  readonly productMessage?: proto.Message.IProductMessage | null
}

const headOf = ({ documentMessage, imageMessage, videoMessage, locationMessage, productMessage }: Headed): string =>
  joined(
    documentMessage?.caption,
    firstOf(documentMessage?.title, documentMessage?.fileName),
    imageMessage?.caption,
    videoMessage?.caption,
    locationMessage?.name,
    locationMessage?.address,
    locationMessage?.comment,
    ...productWords(productMessage),
  )

function productWords(message: proto.Message.IProductMessage | null | undefined): string[] {
  const content = message && productOf(message)
  return content?.kind === 'product' ? [content.title, content.description, content.text] : []
}

export const buttonsOf = (message: proto.Message.IButtonsMessage): Business =>
  business('buttons', {
    text: joined(headOf(message), message.text, message.contentText, message.footerText),
    offers: (message.buttons ?? []).flatMap(({ buttonText, buttonId, nativeFlowInfo }) =>
      buttonText?.displayText ? offer(buttonText.displayText, buttonId) : flowOffer(nativeFlowInfo?.paramsJson),
    ),
  })

export function listOf({
  title,
  description,
  buttonText,
  footerText,
  sections,
  productListInfo,
}: proto.Message.IListMessage) {
  const rows = (sections ?? []).flatMap(section =>
    (section.rows ?? []).flatMap(row => offer(row.title, row.rowId, joined(section.title, row.description))),
  )
  const products = (productListInfo?.productSections ?? []).flatMap(section =>
    (section.products ?? []).flatMap(({ productId }) => offer(section.title, productId)),
  )
  return business('list', { text: joined(title, description, buttonText, footerText), offers: [...rows, ...products] })
}

export const templateOf = (message: proto.Message.ITemplateMessage): Business =>
  business('template', templateSaid(message))

function templateSaid(message: proto.Message.ITemplateMessage): Said {
  const { hydratedTemplate, hydratedFourRowTemplate, fourRowTemplate, interactiveMessageTemplate } = message
  const hydrated = hydratedTemplate ?? hydratedFourRowTemplate
  if (hydrated) return hydratedSaid(hydrated)
  if (interactiveMessageTemplate) return interactiveSaid(interactiveMessageTemplate)
  const { content, footer, highlyStructuredMessage, ...head } = fourRowTemplate ?? {}
  const texts = [highlyStructuredMessage, content, footer].map(part => structuredText(part))
  const offers = (fourRowTemplate?.buttons ?? []).flatMap(({ quickReplyButton, urlButton, callButton }) =>
    offer(
      structuredText((quickReplyButton ?? urlButton ?? callButton)?.displayText),
      quickReplyButton?.id,
      firstOf(structuredText(urlButton?.url), structuredText(callButton?.phoneNumber)),
    ),
  )
  return { text: joined(headOf(head), ...texts), offers }
}

function hydratedSaid(hydrated: proto.Message.TemplateMessage.IHydratedFourRowTemplate): Said {
  const { hydratedTitleText, hydratedContentText, hydratedFooterText, hydratedButtons } = hydrated
  const offers = (hydratedButtons ?? []).flatMap(({ quickReplyButton, urlButton, callButton }) =>
    offer(
      (quickReplyButton ?? urlButton ?? callButton)?.displayText,
      quickReplyButton?.id,
      firstOf(urlButton?.url, callButton?.phoneNumber),
    ),
  )
  return { text: joined(headOf(hydrated), hydratedTitleText, hydratedContentText, hydratedFooterText), offers }
}

export const structuredOf = (message: proto.Message.IHighlyStructuredMessage): Business =>
  business('structured', {
    text: structuredText(message),
    offers: message.hydratedHsm ? templateSaid(message.hydratedHsm).offers : [],
  })

/** The text of a structured message. The phone has its sentences; the message has only the values to fill in. */
function structuredText(message: proto.Message.IHighlyStructuredMessage | null | undefined): string {
  const { hydratedHsm, params, localizableParams, elementName } = message ?? {}
  const filled = localizableParams?.map(each => each.default ?? '') ?? []
  const words = filled.some(each => each !== '') ? filled : (params ?? [])
  return firstOf(hydratedHsm && templateSaid(hydratedHsm).text, joined(...words), elementName)
}

export const interactiveOf = (message: proto.Message.IInteractiveMessage): Business =>
  business('interactive', interactiveSaid(message))

function interactiveSaid(message: proto.Message.IInteractiveMessage, isCard = false): Said {
  const { header, body, footer, nativeFlowMessage, carouselMessage } = message
  // Cards contain no cards.
  const cards = isCard ? [] : (carouselMessage?.cards ?? []).map(card => interactiveSaid(card, true))
  const buttons = (nativeFlowMessage?.buttons ?? []).flatMap(({ buttonParamsJson }) => flowOffer(buttonParamsJson))
  return {
    text: joined(
      header?.title,
      header?.subtitle,
      header && headOf(header),
      body?.text,
      footer?.text,
      ...cards.map(({ text }) => text),
    ),
    offers: [...buttons, ...cards.flatMap(({ offers }) => offers)],
  }
}

/** The offers of a native flow's button. Its JSON describes one thing to tap, or a list. */
function flowOffer(json: string | null | undefined): Offer[] {
  const params = jsonObject(json)
  const text = (of: Record<string, unknown> | null, key: string): string | undefined => {
    const value = of?.[key]
    return typeof value === 'string' ? value : undefined
  }
  const sections = Array.isArray(params?.['sections']) ? (params['sections'] as unknown[]) : []
  const rows = sections.flatMap(section => {
    const list = (section as { rows?: unknown } | null)?.rows
    return Array.isArray(list) ? (list as (Record<string, unknown> | null)[]) : []
  })
  const chosen = rows.flatMap(row => offer(text(row, 'title'), text(row, 'id'), text(row, 'description')))
  const own = offer(
    firstOf(text(params, 'display_text'), text(params, 'title')),
    text(params, 'id'),
    firstOf(text(params, 'url'), text(params, 'phone_number'), text(params, 'copy_code')),
  )
  return [...own, ...chosen]
}

/** A message of Meta's own assistant, in parts. */
export function richOf({ submessages }: proto.IAIRichResponseMessage): Business {
  const parts = (submessages ?? []).map(part =>
    joined(
      part.messageText,
      part.imageMetadata?.imageText,
      ...(part.codeMetadata?.codeBlocks ?? []).map(block => block.codeContent),
      part.tableMetadata?.title,
      ...(part.tableMetadata?.rows ?? []).map(({ items }) => (items ?? []).join(' | ')),
      part.latexMetadata?.text,
      ...(part.mapMetadata?.annotations ?? []).map(({ title, body }) => joined(title, body)),
      ...(part.contentItemsMetadata?.itemsMetadata ?? []).map(({ reelItem }) => reelItem?.title),
    ),
  )
  return business('rich', { text: joined(...parts), offers: [] })
}
