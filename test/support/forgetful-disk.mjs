// Loaded before a process (`node --import`), it keeps beside every database what the disk holds of it: the state that the last
// flush to end covered. When the power was cut (FORGETFUL_DISK/power-cut is there), the host that starts finds that state and
// nothing newer, as after a power cut on a disk that keeps its word and no more. The gateway, which the plugin forks with an
// environment of its own, is followed through `fork`.
import childProcess from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'

const folder = process.env['FORGETFUL_DISK']
const isHost = process.env['FORGETFUL_ROLE'] === undefined
let snapshots = 0

if (folder !== undefined) {
  const marker = join(folder, 'power-cut')
  if (isHost && fs.existsSync(marker)) {
    for (const name of fs.readdirSync(folder).filter(each => each.endsWith('.kept'))) restore(join(folder, name))
    fs.rmSync(marker)
  }
  followFlushes()
  followForks()
  syncBuiltinESMExports()
}

function restore(pointer) {
  const { path, state } = JSON.parse(fs.readFileSync(pointer, 'utf8'))
  for (const end of ['', '-wal', '-shm']) fs.rmSync(`${path}${end}`, { force: true })
  for (const end of ['', '-wal']) fs.copyFileSync(join(state, `file${end}`), `${path}${end}`)
}

/** What the flush that begins now will cover. */
function snapshot(descriptor) {
  const path = fs.readlinkSync(`/proc/self/fd/${descriptor}`).replace(/-wal$/, '')
  const name = join(folder, createHash('sha256').update(path).digest('hex').slice(0, 16))
  const state = `${name}.${process.pid}.${(snapshots += 1)}`
  fs.mkdirSync(state)
  for (const end of ['', '-wal']) fs.copyFileSync(`${path}${end}`, join(state, `file${end}`))
  return { name, path, state }
}

/** It is what the disk holds from now on. */
function keep({ name, path, state }) {
  const before = fs.existsSync(`${name}.kept`) ? JSON.parse(fs.readFileSync(`${name}.kept`, 'utf8')).state : null
  fs.writeFileSync(`${state}.draft`, JSON.stringify({ path, state }))
  fs.renameSync(`${state}.draft`, `${name}.kept`)
  if (before !== null) fs.rmSync(before, { recursive: true, force: true })
}

function followFlushes() {
  const { fdatasync, fdatasyncSync } = fs
  fs.fdatasync = (descriptor, done) => {
    const taken = snapshot(descriptor)
    fdatasync(descriptor, error => {
      if (!error) keep(taken)
      done(error)
    })
  }
  fs.fdatasyncSync = descriptor => {
    const taken = snapshot(descriptor)
    fdatasyncSync(descriptor)
    keep(taken)
  }
}

function followForks() {
  const { fork } = childProcess
  childProcess.fork = (entry, words, options = {}) => {
    const execArgv = [...(options.execArgv ?? []), '--import', import.meta.url]
    const env = { ...options.env, FORGETFUL_DISK: folder, FORGETFUL_ROLE: 'gateway' }
    return fork(entry, words, { ...options, execArgv, env })
  }
}
