/** What is wrong with the account's file: it cannot be written now, or it cannot be believed any more. */
export type FileFault = 'storage' | 'state_unreadable'

/**
 * Stands between the account and its file. When the file fails, the connection is cut before the caller learns of it: so
 * nothing can be acknowledged, refused or answered that was not kept (reliability.md §2.2, I4).
 */
export type StorageGuard = {
  /** Runs work on the file. @throws what the work throws, after the connection was cut. */
  readonly guard: <Result>(work: () => Result) => Result
  /** From now on this is the connection to cut. */
  readonly protect: (cut: (fault: FileFault) => void) => void
  /** Whether the file has failed since that connection was made. */
  readonly isBlown: () => boolean
}

const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/

export function createFuse(): StorageGuard {
  let cutLine: ((fault: FileFault) => void) | null = null
  let blown = false
  return {
    protect: cut => {
      cutLine = cut
      blown = false
    },
    isBlown: () => blown,
    guard: work => {
      try {
        return work()
      } catch (error) {
        blown = true
        cutLine?.(DAMAGED.test(String((error as NodeJS.ErrnoException).code)) ? 'state_unreadable' : 'storage')
        throw error
      }
    },
  }
}
