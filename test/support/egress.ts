import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { BlockList, isIPv6 } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const here = new BlockList()
here.addSubnet('127.0.0.0', 8)
here.addAddress('::1', 'ipv6')

/** What a process did that led, or could have led, away from this machine. */
export function foreignIn(lines: readonly string[]): string[] {
  return lines.filter(line => {
    const [kind, what = ''] = line.split(' ')
    if (kind === 'lookup') return what !== 'localhost'
    return !here.check(what, isIPv6(what) ? 'ipv6' : 'ipv4')
  })
}

/**
 * Q12 of reliability.md §3.1: for as long as the tests run, every address that a host, a gateway or a test connects to is
 * written down; in the end there is none outside of this machine, or the run has failed.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'whatsapp-egress-'))
  process.env['CONNECT_LEDGER'] = folder
  return () => {
    const processes = readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
    rmSync(folder, { recursive: true })
    const foreign = [...new Set(processes.flatMap(foreignIn))]
    if (foreign.length === 0) {
      process.stdout.write(`Q12: ${processes.length} processes connected to this machine and to nothing else\n`)
      return
    }
    process.stdout.write(`Q12: something led away from this machine: ${foreign.join(', ')}\n`)
    // A throw here is only printed.
    process.exitCode = 1
  }
}
