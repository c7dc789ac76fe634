import { z } from 'zod'
import { behaviour } from './behaviour.ts'

/** Reported behaviours of addresses of people and groups, and of the tokens that allow writing to people. */
export const addressBehaviours = {
  /**
   * The kind of address of a person (`*`: of everybody not named) to which messages of a linked device are refused, with
   * `refusal_code`.
   */
  refused_addresses: behaviour({
    value: z.record(z.string(), z.enum(['pn', 'lid'])),
    initial: {},
    source:
      'by number: OpenWA#717 (2026-07-12), Baileys#2683 (2026-07-02); at the LID: whatsapp-mcp-extended#67 (2026-07-27)',
  }),
  refusal_code: behaviour({
    value: z.int().min(400).max(599),
    initial: 463,
    source: '463 as above; 400 whatsapp-rust#730 (2026-06-05); 479 Baileys rc14 SERVER_ERROR_CODES (2026-08-06)',
  }),
  /** Whether a message is refused with 400 if its `to` and its participants have different kinds of addresses. */
  mixed_addresses_refused: behaviour({
    value: z.boolean(),
    initial: true,
    source: 'whatsapp-rust#636 (2026-05-21) and #731 (2026-06-05)',
  }),
  /** Whether a message to a group is refused with 421 if its addressing mode is not the group's. */
  group_mode_checked: behaviour({
    value: z.boolean(),
    initial: true,
    source:
      'Baileys#1807 (2025-09-20); WhatsApp Web, StaleGroupAddressingMode = 421 (whatsapp-today.md §8, 2026-11-29)',
  }),
  /** Whether messages to a LID without `peer_recipient_pn` are refused with 479, if the account knows the person's number. */
  peer_recipient_pn_required: behaviour({
    value: z.boolean(),
    initial: false,
    source:
      'whatsmeow 4f8f64e0 (2026-07-13) always sends it; that it is required is the worst case, reported by nobody',
  }),
  /** Whether messages to other people without a token of theirs are refused with 463. */
  token_required: behaviour({
    value: z.boolean(),
    initial: false,
    source: 'Baileys#2441 and #2438, evolution-go#50, Baileys#2698 and #2707 (2026-08-05)',
  }),
  /** How a token reaches the devices of somebody who was written to, or who asked for it. */
  token_comes_by: behaviour({
    value: z.enum(['nothing', 'notification', 'message', 'issuance']),
    initial: 'nothing',
    source:
      'notification, and answer to the issuance: Baileys#2339 (2026-02-12), whatsmeow tctoken.go; on the message: Baileys#2752 (2026-08-05)',
  }),
  /** The delay between the message and the notification of its token, in ms. */
  token_delay_ms: behaviour({
    value: z.int().min(0).max(60_000),
    initial: 0,
    source: 'whatsapp-today.md §5 (2026-11-29): modelled at 300 ms',
  }),
  /** Whether the history that a phone sends to a new device contains the tokens of people who have written. */
  history_has_tokens: behaviour({
    value: z.boolean(),
    initial: false,
    source: 'whatsmeow message.go, storeHistoricalMessageSecrets (2026-08-21); Baileys#2339 (2026-02-12)',
  }),
  /** How a device gets the salt with which it computes a cstoken for somebody who has given it no token. */
  nct_salt_comes_by: behaviour({
    value: z.enum(['nothing', 'history', 'app_state']),
    initial: 'nothing',
    source: 'whatsmeow 82d579d5 (2026-05-04), #1102: HistorySync.nctSalt, and the app state action nct_salt_sync',
  }),
  /** The people whose numbers are revealed to nobody, and the username of each. */
  usernames: behaviour({
    value: z.record(z.string(), z.string().min(1).max(64)),
    initial: {},
    source: 'Baileys#2742 (2026-07-31), #2744 (2026-08-01): neither sender_pn nor any other way to the number',
  }),
}
