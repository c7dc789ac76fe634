import type { WireApproval } from '../../contract/api/approvals.ts'
import { Badge, type Tone } from '../parts/badge.tsx'

const TONES: Record<WireApproval['effect'], Tone> = { read: 'plain', write: 'wait', destructive: 'bad' }

/** What a tool does to the world. */
export const EffectBadge = ({ effect }: Pick<WireApproval, 'effect'>) => <Badge tone={TONES[effect]}>{effect}</Badge>
