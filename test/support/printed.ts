import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Where a run that is scanned afterwards keeps what it printed and what it planted (test/release/everything-printed.test.ts);
 * in any other run nothing is kept.
 */
const folder = process.env['PRINTED_FOLDER']

/** Whether this run is scanned, and so logs as much as it can. */
export const isScanned = folder !== undefined

/** Keeps what a process printed, an error said or a URL was. */
export function keepPrinted(text: string): void {
  if (folder !== undefined && text !== '') appendFileSync(join(folder, `printed-${process.pid}.log`), `${text}\n`)
}

/** Notes something that must be found in nothing printed. */
export function plant(secret: string): void {
  if (folder !== undefined) appendFileSync(join(folder, 'planted.jsonl'), `${JSON.stringify(secret)}\n`)
}
