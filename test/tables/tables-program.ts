import { isCurrent, TABLES, writeTable } from './generated-tables.ts'

/** Writes what is not current, and says what that was. */
export function main(): Promise<number> {
  for (const table of TABLES.filter(each => !isCurrent(each))) {
    writeTable(table)
    process.stdout.write(`${table.file}: ${table.name}\n`)
  }
  return Promise.resolve(0)
}
