/** How it is used. */
export const usage = `Kills the host or its gateway at random instants while people write, and counts up what became of it all.

  npm run soak -- --kills 1000              until so many kills have been; what was broken off is gone on with
  npm run soak -- --kills 1000 --delay 1000 with an agent that thinks for a second
  npm run soak -- --rate 20                 messages a second
  npm run soak -- --restart                 forgets what earlier calls counted
`

/** What may be asked for, as `parseArgs` takes it. */
export const options = {
  kills: { type: 'string', default: '100' },
  rate: { type: 'string', default: '20' },
  delay: { type: 'string', default: '0' },
  restart: { type: 'boolean', default: false },
} as const
