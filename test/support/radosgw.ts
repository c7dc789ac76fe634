import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'

import { plant } from './printed.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A real S3 server: Ceph's gateway, with a store of its own in memory, on loopback. */
export type Radosgw = AsyncDisposable & {
  readonly endpoint: string
  /** One that was made for the test. */
  readonly bucket: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

const PROGRAMS = ['ceph', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin']
const PACKAGES = 'radosgw ceph-mon ceph-osd'
const START_LIMIT_MS = 90_000
const POLL_MS = 100
const BUCKET = 'artifacts'

/** Why it cannot be started on this machine; null when it can. */
export function radosgwMissing(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const missing = PROGRAMS.filter(program => !folders.some(folder => existsSync(join(folder, program))))
  return missing.length === 0 ? null : `${missing.join(', ')} not installed: apt-get install ${PACKAGES}`
}

/** Starts it in a folder of its own, which takes about 5 s. Its disposal ends every process that was started. */
export async function startRadosgw(): Promise<Radosgw> {
  const folder = await temporaryFolder()
  const cluster = new Cluster(folder.path)
  const dispose = async (): Promise<void> => {
    await cluster.end()
    await folder[Symbol.asyncDispose]()
  }
  try {
    const [monitorPort = 0, port = 0] = await freePorts(2)
    await cluster.begin(monitorPort)
    const credentials = await cluster.user()
    const endpoint = `http://127.0.0.1:${port}`
    await cluster.serve(endpoint)
    const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
    client.destroy()
    return { endpoint, bucket: BUCKET, credentials, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    const logs = await cluster.logs()
    await dispose()
    throw new Error(`radosgw did not start:\n${logs}`, { cause: error })
  }
}

/** Nobody else takes them in the moment until they are used: the kernel gives out others first. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(server => once(server.close(), 'close')))
  return ports
}

/** One monitor and one store in memory; nobody but this machine reaches them, so they ask for no keys. */
const configuration = (folder: string, monitorPort: number): string => `[global]
fsid = ${randomUUID()}
mon host = v2:127.0.0.1:${monitorPort}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
# Without keys nothing can be encrypted, and the gateway would wait for it for ever.
ms mon client mode = crc
run dir = ${folder}
admin socket = ${folder}/$name.asok
log file = ${folder}/$name.log
mon cluster log file = ${folder}/cluster.log
crash dir = ${folder}
mon data = ${folder}/mon
mon data avail crit = 1
mon allow pool size one = true
osd data = ${folder}/osd
osd objectstore = memstore
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
# A pool is made in a moment and not in a second; the gateway makes eight.
paxos propose interval = 0.05
paxos min wait = 0.01
`

class Cluster {
  readonly #folder: string
  readonly #daemons: ChildProcess[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  async begin(monitorPort: number): Promise<void> {
    for (const part of ['mon', 'osd']) await mkdir(join(this.#folder, part))
    await writeFile(join(this.#folder, 'ceph.conf'), configuration(this.#folder, monitorPort))
    const monitor = ['-i', 'a', '--public-addr', `v2:127.0.0.1:${monitorPort}`]
    await this.#run('ceph-mon', [...monitor, '--mkfs', '--keyring', '/dev/null'])
    this.#start('ceph-mon', monitor)
    const id = randomUUID()
    await this.#run('ceph', ['osd', 'new', id])
    await this.#run('ceph-osd', ['--mkfs', '-i', '0', '--osd-uuid', id])
    this.#start('ceph-osd', ['-i', '0'])
  }

  /** A new user, with keys that the gateway makes up. */
  async user(): Promise<Radosgw['credentials']> {
    const made = await this.#run('radosgw-admin', ['user', 'create', '--uid', 'test', '--display-name', 'test'])
    const [key] = (JSON.parse(made) as { keys: { access_key: string; secret_key: string }[] }).keys
    if (!key) throw new Error('the user has no keys')
    plant(key.secret_key)
    return { accessKeyId: key.access_key, secretAccessKey: key.secret_key }
  }

  /** Starts the gateway, and returns once it answers. */
  async serve(endpoint: string): Promise<void> {
    const { host } = new URL(endpoint)
    const gateway = this.#start('radosgw', ['-n', 'client.rgw.test', '--rgw-frontends', `beast endpoint=${host}`])
    const until = AbortSignal.timeout(START_LIMIT_MS)
    const answers = (): Promise<boolean> =>
      fetch(endpoint, { signal: until }).then(
        ({ ok }) => ok,
        () => false,
      )
    while (!(await answers())) {
      until.throwIfAborted()
      if (gateway.exitCode !== null || gateway.signalCode !== null) throw new Error('the gateway has ended')
      await pause(POLL_MS)
    }
  }

  /** The ends of what the daemons wrote. */
  async logs(): Promise<string> {
    const files = ['mon.a.log', 'osd.0.log', 'client.rgw.test.log'].map(name => join(this.#folder, name))
    const texts = await Promise.all(files.map(file => readFile(file, 'utf8').catch(() => '')))
    return texts.map(text => text.slice(-2_000)).join('\n')
  }

  /** Ends what was started, the last one first. */
  async end(): Promise<void> {
    for (const daemon of this.#daemons.toReversed()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue
      const gone = once(daemon, 'exit')
      daemon.kill('SIGKILL')
      await gone
    }
  }

  /** In the foreground, and ended by the kernel with this process, should that be killed. */
  #start(program: string, words: string[]): ChildProcess {
    const daemon = spawn('setpriv', ['--pdeathsig', 'KILL', program, '-f', ...this.#named(words)], { stdio: 'ignore' })
    this.#daemons.push(daemon)
    return daemon
  }

  async #run(program: string, words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(program, this.#named(words), { timeout: START_LIMIT_MS })
    return stdout
  }

  #named(words: string[]): string[] {
    return ['-c', join(this.#folder, 'ceph.conf'), ...words]
  }
}
