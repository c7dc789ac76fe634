/** What is wrong with the account's file: it cannot be written now, or its contents cannot be trusted any more. */
export type FileFault = 'storage' | 'state_unreadable'

/**
 * Guards the account's file. When the file fails, the connection is cut before the caller gets the error, so that nothing can be
 * acknowledged, refused or answered that was not stored (reliability.md §2.2, I4).
 */
export type StorageGuard = {
  /** Runs work on the file. @throws what the work throws, after the connection was cut. */
  readonly guard: <Result>(work: () => Result) => Result
  /** Sets the connection to cut from now on. */
  readonly protect: (cut: (fault: FileFault) => void) => void
  /** Whether the file has failed since that connection was made. */
  readonly hasFailed: () => boolean
}

const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/

export function createStorageGuard(): StorageGuard {
  let cutConnection: ((fault: FileFault) => void) | null = null
  let failed = false
  return {
    protect: cut => {
      cutConnection = cut
      failed = false
    },
    hasFailed: () => failed,
    guard: work => {
      try {
        return work()
      } catch (error) {
        failed = true
        cutConnection?.(DAMAGED.test(String((error as NodeJS.ErrnoException).code)) ? 'state_unreadable' : 'storage')
        throw error
      }
    },
  }
}
