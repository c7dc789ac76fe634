import type { proto } from '@whiskeysockets/baileys'

import type { MessageContent, Money } from '../../contract/content.ts'
import { joined } from './message-text.ts'
import { wholeNumber } from './proto-numbers.ts'

const CURRENCY = /^[A-Za-z]{3}$/

function money(currency: string | null | undefined, thousandths: unknown): Money | null {
  const amount = wholeNumber(thousandths)
  return amount === null || !CURRENCY.test(currency ?? '')
    ? null
    : { currency: (currency ?? '').toUpperCase(), thousandths: amount }
}

/** An amount as payments have it: `value` counts parts of a unit, of which `offset` make one. */
function amountOf(amount: proto.IMoney | null | undefined): Money | null {
  const [value, offset] = [wholeNumber(amount?.value), wholeNumber(amount?.offset) || 1]
  return value === null ? null : money(amount?.currencyCode, Math.round((value / offset) * 1_000))
}

export const orderOf = (order: proto.Message.IOrderMessage): MessageContent => ({
  kind: 'order',
  id: order.orderId || null,
  title: order.orderTitle ?? '',
  items: wholeNumber(order.itemCount),
  total: money(order.totalCurrencyCode, order.totalAmount1000),
  note: order.message ?? '',
})

export function productOf({ product, catalog, body, footer }: proto.Message.IProductMessage): MessageContent {
  return {
    kind: 'product',
    id: product?.productId || null,
    title: joined(product?.title, catalog?.title),
    description: joined(product?.description, catalog?.description),
    price: money(product?.currencyCode, product?.salePriceAmount1000 || product?.priceAmount1000),
    url: product?.url || null,
    text: joined(body, footer),
  }
}

/** Reads the note beside a payment: a text, or a file's caption. */
type NoteOf = (message: proto.IMessage | null | undefined) => string

export const paymentRequest = (request: proto.Message.IRequestPaymentMessage, noteOf: NoteOf): MessageContent => ({
  kind: 'payment',
  what: 'request',
  amount: amountOf(request.amount) ?? money(request.currencyCodeIso4217, request.amount1000),
  note: noteOf(request.noteMessage),
})

export const paymentSent = ({ noteMessage }: proto.Message.ISendPaymentMessage, noteOf: NoteOf): MessageContent => ({
  kind: 'payment',
  what: 'sent',
  amount: null,
  note: noteOf(noteMessage),
})

export const invoiceOf = ({ note }: proto.Message.IInvoiceMessage): MessageContent => ({
  kind: 'payment',
  what: 'invoice',
  amount: null,
  note: note ?? '',
})
