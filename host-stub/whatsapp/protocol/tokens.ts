import { randomBytes } from 'node:crypto'
import { type Account, type Companion, companionName, personalAddress, type TrustedToken } from '../world/accounts.ts'
import { formatAddress, parseAddress } from '../wire/address.ts'
import { authenticate } from '../crypto/keys.ts'
import { makeMessageId } from '../wire/message-id.ts'
import { attribute, bytes, child, children, secondsNow, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

const tokenBytes = 16
const saltBytes = 32
const tokenType = 'trusted_contact'

/** The kind of token in a message; null if it has none. */
export function tokenKindOf(node: Stanza): 'tctoken' | 'cstoken' | null {
  if (child(node, 'tctoken')) return 'tctoken'
  return child(node, 'cstoken') ? 'cstoken' : null
}

/** Whether the token in the message allows the account to write to this person. */
export function isTrusted(from: Account, peer: Account, node: Stanza): boolean {
  const trusted = bytes(child(node, 'tctoken'))
  if (trusted) return peer.tokens.get(from)?.bytes.equals(trusted) ?? false
  const computed = from.nctSalt && authenticate(from.nctSalt, Buffer.from(lidOf(peer)))
  return computed !== undefined && (bytes(child(node, 'cstoken'))?.equals(computed) ?? false)
}

/** The token that `giver` has given `to`; creates it if there is none. */
export function giveToken(giver: Account, to: Account): TrustedToken {
  const given = giver.tokens.get(to) ?? { bytes: randomBytes(tokenBytes), atS: secondsNow() }
  giver.tokens.set(to, given)
  return given
}

/** The salt from which a device computes its cstokens; its phone sends it to the device. */
export function saltOf(account: Account): Buffer {
  return (account.nctSalt ??= randomBytes(saltBytes))
}

/** The token as part of a message, if the behaviour delivers tokens that way. */
export function tokenOnMessage({ behaviours }: World, author: Account, to: Account): Stanza[] {
  if (behaviours.token_comes_by !== 'message' || author === to) return []
  const { bytes: token, atS } = giveToken(author, to)
  return [stanza('tctoken', { t: atS }, token)]
}

/**
 * Notifies the recipient's devices of the author's token, if the behaviour delivers tokens that way: before the message, or later.
 */
export function announceToken({ behaviours }: World, author: Account, to: Account): void {
  if (behaviours.token_comes_by !== 'notification' || author === to) return
  const post = (): void => {
    for (const companion of to.companions.values()) companion.queue.post(notificationOf(author, companion))
  }
  if (behaviours.token_delay_ms === 0) post()
  else setTimeout(post, behaviours.token_delay_ms)
}

/** Answers a device's request with the tokens of the people it has a chat with, if the behaviour delivers tokens that way. */
export function issueTokens({ accounts, behaviours }: World, { account }: Companion, asked: Stanza): Stanza[] {
  if (behaviours.token_comes_by !== 'issuance') return []
  const issued = children(asked, 'token').flatMap(token => {
    const jid = attribute(token, 'jid')
    const address = parseAddress(jid)
    const peer = address && accounts.at(address)
    return peer && account.acquainted.has(peer) ? [tokenNode(giveToken(peer, account), jid)] : []
  })
  return [stanza('tokens', {}, issued)]
}

function notificationOf(author: Account, companion: Companion): Stanza {
  const own = formatAddress({ ...personalAddress(companion.account, 'lid'), device: companion.number })
  const tokens = stanza('tokens', {}, [tokenNode(giveToken(author, companion.account), own)])
  const id = `${makeMessageId()}${companionName(companion).length}`
  const attributes = { type: 'privacy_token', from: lidOf(author), sender_lid: lidOf(author), id, t: secondsNow() }
  return stanza('notification', attributes, [tokens])
}

const tokenNode = ({ bytes: token, atS }: TrustedToken, jid: string | undefined): Stanza =>
  stanza('token', { jid, t: atS, type: tokenType }, token)

const lidOf = (account: Account): string => formatAddress(personalAddress(account, 'lid'))
