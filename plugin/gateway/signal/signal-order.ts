import { KeyedMutex } from '../../base/keyed-mutex.ts'

const mutex = new KeyedMutex()

/**
 * One queue for all accounts of the process: libsignal queues its work per address for the whole process, and runs the queued work
 * in the context of the first caller, which would mix up the steps of two accounts.
 */
export const inOrder = <Result>(name: string, work: () => Promise<Result>): Promise<Result> => mutex.run(name, work)
