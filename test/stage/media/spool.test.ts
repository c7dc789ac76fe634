import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { Spool } from '../../../plugin/media/spool.ts'
import { brokenOff, slowDisk } from '../../support/slow-disk.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it('keeps nothing of what breaks off, however long the disk takes', async () => {
  await using folder = await temporaryFolder()
  const spool = new Spool(join(folder.path, 'spool'))
  await spool.open()
  using disk = slowDisk()
  await expect(spool.hold(brokenOff(), 1_000)).rejects.toThrow('broken off')
  await disk.opens()
  expect(await readdir(join(folder.path, 'spool'))).toEqual([])
})
