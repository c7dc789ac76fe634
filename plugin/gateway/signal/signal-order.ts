import { createKeyedQueue } from '../../base/keyed-queue.ts'

/**
 * One for all accounts of the process: libsignal queues its work per address for the whole process, and runs what is
 * queued in the context of whoever came first, which would mix up the steps of two accounts.
 */
export const inOrder = createKeyedQueue()
