import { z } from 'zod'
import { behaviour } from './behaviour.ts'

/** What is reported of the addresses of people and groups, and of the tokens that let one write to them. */
export const addressBehaviours = {
  /** At which address of whom (`*`: of everybody not named) what a linked device writes is refused, with `refusal_code`. */
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
  /** Whether a message whose `to` and participants are not of one kind of address is refused as 400. */
  mixed_addresses_refused: behaviour({
    value: z.boolean(),
    initial: true,
    source: 'whatsapp-rust#636 (2026-05-21) and #731 (2026-06-05)',
  }),
  /** Whether a group is told 421 when it is written to in the mode that is not its own. */
  group_mode_checked: behaviour({
    value: z.boolean(),
    initial: true,
    source:
      'Baileys#1807 (2025-09-20); WhatsApp Web, StaleGroupAddressingMode = 421 (whatsapp-today.md §8, 2026-11-29)',
  }),
  /** Whether what goes to a LID without `peer_recipient_pn` is refused as 479, of people whose number the account knows. */
  peer_recipient_pn_required: behaviour({
    value: z.boolean(),
    initial: false,
    source:
      'whatsmeow 4f8f64e0 (2026-07-13) always sends it; that it is required is the worst case, reported by nobody',
  }),
  /** Whether what goes to another person without a token of theirs is refused as 463. */
  token_required: behaviour({
    value: z.boolean(),
    initial: false,
    source: 'Baileys#2441 and #2438, evolution-go#50, Baileys#2698 and #2707 (2026-08-05)',
  }),
  /** How a token comes to the devices of somebody who was written to, or who asked for it. */
  token_comes_by: behaviour({
    value: z.enum(['nothing', 'notification', 'message', 'issuance']),
    initial: 'nothing',
    source:
      'notification, and answer to the issuance: Baileys#2339 (2026-02-12), whatsmeow tctoken.go; on the message: Baileys#2752 (2026-08-05)',
  }),
  /** How long after the message its notification comes, in ms. */
  token_delay_ms: behaviour({
    value: z.int().min(0).max(60_000),
    initial: 0,
    source: 'whatsapp-today.md §5 (2026-11-29): modelled at 300 ms',
  }),
  /** Whether the history that a phone sends to a new device has the tokens of those who have written. */
  history_has_tokens: behaviour({
    value: z.boolean(),
    initial: false,
    source: 'whatsmeow message.go, storeHistoricalMessageSecrets (2026-08-21); Baileys#2339 (2026-02-12)',
  }),
  /** Where the salt comes from with which a device makes a cstoken for somebody who has given it no token. */
  nct_salt_comes_by: behaviour({
    value: z.enum(['nothing', 'history', 'app_state']),
    initial: 'nothing',
    source: 'whatsmeow 82d579d5 (2026-05-04), #1102: HistorySync.nctSalt, and the app state action nct_salt_sync',
  }),
  /** Whose number is told to nobody, by what they are called instead. */
  usernames: behaviour({
    value: z.record(z.string(), z.string().min(1).max(64)),
    initial: {},
    source: 'Baileys#2742 (2026-07-31), #2744 (2026-08-01): neither sender_pn nor any other way to the number',
  }),
}
