import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'

import { expect, it } from 'vitest'

import { Spool } from '../../../plugin/media/spool.ts'
import { brokenOff, slowDisk, uncaught } from '../../support/slow-disk.ts'
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

it('reads a file only for those who read, and throws at nobody when it is gone before', async () => {
  await using folder = await temporaryFolder()
  const spool = new Spool(join(folder.path, 'spool'))
  await spool.open()
  const hold = () => spool.hold(Readable.from([Buffer.from('abc')]), 1_000)
  await using read = await hold()
  expect(await buffer(read.read())).toEqual(Buffer.from('abc'))
  using disk = slowDisk()
  using thrown = uncaught()
  const unread = await hold()
  unread.read()
  await unread[Symbol.asyncDispose]()
  await disk.opens()
  await new Promise(setImmediate)
  expect(thrown.errors).toEqual([])
})
