import type { EventLoopShares } from '../../plugin/base/event-loop-shares.ts'

/** The loop of somebody whom it does not have to wait for, so that a stopped clock stops for nothing. */
export const alone: Pick<EventLoopShares, 'next'> = { next: () => Promise.resolve() }
