import type { NetworkState } from '../../../host-stub/whatsapp/control-contract.ts'
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

/** What the attackers, who are a process of their own, are told: first whom to attack, then to stop. */
export type ToAssault =
  | {
      readonly say: 'begin'
      readonly seed: number
      readonly kinds: readonly AttackKind[]
      readonly url: string
      readonly admins: readonly string[]
      readonly owner: string
      readonly network: NetworkState
      /** The names of the phones whose numbers org B and org A have linked. */
      readonly ours: string
      readonly theirs: string
      readonly canary: Canary
    }
  | { readonly say: 'stop' }

/** What they tell: where their model listens, how far they are, now and then, and that they have stopped. */
export type FromAssault =
  | { readonly say: 'ready'; readonly modelUrl: string }
  | { readonly say: 'tallies' | 'stopped'; readonly tallies: Tallies; readonly leaks: readonly string[] }
