import { randomInt } from 'node:crypto'

import { ATTACKS } from './assault-contract.ts'

/** How it is used. */
export const usage = `Attacks a host with everything at once, as strangers, as the admin of another org and as the contacts of that, while a contact
of org A writes once a second; and says whether org A noticed anything.

  npm run attack -- --minutes 60           for an hour, the first part of it without an attack
  npm run attack -- --minutes 2 --seed 7   what is drawn by 7
  npm run attack -- --kinds files,agents   these alone
  npm run attack -- --table                each row of the tables alone, as a table (about 15 minutes)
  npm run attack -- --table --only send    those with this in their name
`

/** What may be asked for, as `parseArgs` takes it. */
export const options = {
  minutes: { type: 'string', default: '60' },
  seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  kinds: { type: 'string', default: ATTACKS.join(',') },
  table: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
} as const
