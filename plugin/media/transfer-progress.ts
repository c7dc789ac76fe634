import { Watchable } from '../base/watchable.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { TransferProgress } from '../contract/media.ts'

/** Whose file it is. */
type Transfer = Pick<TransferProgress, 'messageId' | 'direction'> & AccountKey

/** A file that the gateway tells of until this is disposed of. */
export type RunningTransfer = Disposable & {
  /** Whether any of it has come. */
  readonly hasMoved: () => boolean
}

/** How far a file has come; `totalBytes` is null when nobody knows. */
type Step = { readonly file: string; readonly doneBytes: number; readonly totalBytes: number | null }

/** The files that come and go at the moment, and those who watch them. Nothing of it is kept: how each ends is elsewhere. */
export class TransferProgressFeed {
  readonly #underWay = new Map<string, Transfer & { moved: boolean }>()
  readonly #watched = new Map<OrgId, Watchable<TransferProgress | null>>()

  /** From now on the gateway tells of a file under this name. */
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

  /** Each step from now on; a slow watcher skips to the newest. */
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
