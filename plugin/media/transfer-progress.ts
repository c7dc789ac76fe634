import { Watchable } from '../base/watchable.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { TransferProgress } from '../contract/media.ts'

/** The message that a transferred file belongs to. */
type Transfer = Pick<TransferProgress, 'messageId' | 'direction'> & AccountKey

/** A file whose progress the gateway reports until this is disposed of. */
export type RunningTransfer = Disposable & {
  /** Whether any part of the file has been transferred. */
  readonly hasMoved: () => boolean
}

/** The progress of a file; `totalBytes` is null if unknown. */
type Step = { readonly file: string; readonly doneBytes: number; readonly totalBytes: number | null }

/** The files being transferred now, and the watchers of their progress. Nothing is stored: the results are stored elsewhere. */
export class TransferProgressFeed {
  readonly #underWay = new Map<string, Transfer & { moved: boolean }>()
  readonly #watched = new Map<OrgId, Watchable<TransferProgress | null>>()

  /** The gateway reports progress for this file name from now on. */
  begin(file: string, transfer: Transfer): RunningTransfer {
    const underWay = { ...transfer, moved: false }
    this.#underWay.set(file, underWay)
    return { hasMoved: () => underWay.moved, [Symbol.dispose]: () => void this.#underWay.delete(file) }
  }

  moved({ file, doneBytes, totalBytes }: Step): void {
    const transfer = this.#underWay.get(file)
    if (!transfer) return
    transfer.moved = true
    const { org, account, messageId, direction } = transfer
    this.#watched.get(org)?.publish({ account, messageId, direction, doneBytes, totalBytes })
  }

  /** Each progress from now on. A slow watcher skips to the newest. */
  async *watch(org: OrgId, signal: AbortSignal): AsyncGenerator<TransferProgress, void, undefined> {
    const watched = this.#watched.get(org) ?? new Watchable<TransferProgress | null>(null)
    this.#watched.set(org, watched)
    const before = watched.value
    for await (const progress of watched.watch(signal)) if (progress && progress !== before) yield progress
  }

  /** Ends every watcher. */
  end(): void {
    for (const watched of this.#watched.values()) watched.end()
  }
}
