import type { WireApproval } from '../../contract/api/approvals.ts'
import type { Tone } from '../texts/tone.ts'
import { Badge } from '../parts/badge.tsx'

const TONES: Record<WireApproval['effect'], Tone> = { read: 'plain', write: 'wait', destructive: 'bad' }

/** The effect of a tool. */
export const EffectBadge = ({ effect }: Pick<WireApproval, 'effect'>) => <Badge tone={TONES[effect]}>{effect}</Badge>
