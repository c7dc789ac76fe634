import type { NetworkState } from '../../../host-stub/whatsapp/contract/control-contract.ts'
import type { Canary, Tally } from './arena.ts'

/** Every kind of attack. */
export const ATTACKS = [
  'strangers',
  'calls',
  'routes',
  'nonsense',
  'uploads',
  'subscriptions',
  'policies',
  'patterns',
  'reloads',
  'contacts',
  'files',
  'sealed words',
  'agents',
] as const
export type AttackKind = (typeof ATTACKS)[number]

export type Tallies = Record<AttackKind, Tally>

/** What is played: everything of these kinds at once, or one row of the tables after the other. */
export type Played = { readonly kinds: readonly AttackKind[] } | 'rows'

/** A row of the tables, by its kind and its name. */
export type RowName = { readonly kind: string; readonly name: string }

/** What the attackers, who are a process of their own, are told: first whom to attack, then which row and when to rest, then to stop. */
export type ToAssault =
  | {
      readonly say: 'begin'
      readonly seed: number
      readonly played: Played
      readonly url: string
      readonly admins: readonly string[]
      readonly owner: string
      readonly network: NetworkState
      /** The names of the phones whose numbers org B and org A have linked. */
      readonly ours: string
      readonly theirs: string
      readonly canary: Canary
    }
  | { readonly say: 'play'; readonly row: number }
  | { readonly say: 'rest' }
  | { readonly say: 'stop' }

/** What they tell: where their model listens, which rows there are, that they rest, how far they are, and that they have stopped. */
export type FromAssault =
  | { readonly say: 'ready'; readonly modelUrl: string }
  | { readonly say: 'rows'; readonly rows: readonly RowName[] }
  | { readonly say: 'rested'; readonly tally: Tally }
  | { readonly say: 'tallies' | 'stopped'; readonly tallies: Tallies | null; readonly leaks: readonly string[] }
