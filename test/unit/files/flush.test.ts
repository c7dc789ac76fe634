import { join } from 'node:path'

import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'

import { openFlush } from '../../../plugin/files/flush.ts'
import { watchedDisk } from '../../support/disk.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

async function opened() {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'any.sqlite')
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  database.exec('CREATE TABLE rows (value TEXT)')
  const changes = database.prepare<[], number>('SELECT total_changes()').pluck()
  const flush = openFlush(path, () => changes.get() ?? 0)
  const insert = database.prepare('INSERT INTO rows VALUES (?)')
  return {
    flush,
    commit: () => void insert.run('row'),
    close: () => {
      database.close()
      flush.close()
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** Whether a promise has settled by the time that everything which could settle it at once has been done. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const note = (): void => void (settled = true)
  promise.then(note, note)
  await new Promise(resolve => setImmediate(resolve))
  return settled
}

describe('what is committed', () => {
  it('is not called durable before the disk has said so', async () => {
    await using log = await opened()
    await using disk = watchedDisk()
    log.commit()
    disk.holds = true
    const flushed = log.flush.flushed()
    expect(await isSettled(flushed)).toBe(false)
    disk.release()
    await flushed
    log.close()
  })

  it('is flushed once for all who wait, and again for those who came after that had begun', async () => {
    await using log = await opened()
    await using disk = watchedDisk()
    disk.holds = true
    log.commit()
    const first = [log.flush.flushed(), log.flush.flushed()]
    log.commit()
    const later = [log.flush.flushed(), log.flush.flushed(), log.flush.flushed()]
    disk.release()
    await Promise.all(first)
    expect(await isSettled(later[0] ?? Promise.resolve())).toBe(false)
    await Promise.all(later)
    expect(disk.flushes).toBe(2)
    log.close()
  })

  it('is not flushed again while nothing was added', async () => {
    await using log = await opened()
    await using disk = watchedDisk()
    log.commit()
    await log.flush.flushed()
    await log.flush.flushed()
    expect(disk.flushes).toBe(1)
    log.close()
  })
})

describe('a log that is closed', () => {
  it('is closed once, and has nothing left to wait for', async () => {
    await using log = await opened()
    log.commit()
    log.close()
    log.flush.close()
    await expect(log.flush.flushed()).resolves.toBeUndefined()
  })
})

describe('a disk that has refused once', () => {
  it('is not believed any more, though it would take the next', async () => {
    await using log = await opened()
    await using disk = watchedDisk()
    log.commit()
    disk.refuses = true
    await expect(log.flush.flushed()).rejects.toThrow('the disk refuses')
    disk.refuses = false
    log.commit()
    await expect(log.flush.flushed()).rejects.toThrow('the disk refuses')
    expect(() => log.flush.flushNow()).toThrow('the disk refuses')
    log.close()
  })
})
