/** How it is used. */
export const usage = `Kills the system at every boundary that it crosses, one after the other, and asks whether anything was lost.

  npm run sweep                       all of it, then 40 double crashes
  npm run sweep -- --from 20 --to 60  only these boundaries, of both processes
  npm run sweep -- --role gateway     only one process
  npm run sweep -- --part pairing     only while it is paired (story: only afterwards; pieces: with what is said in pieces)
  npm run sweep -- --every 10         each tenth boundary
  npm run sweep -- --double 100       more double crashes (0: none)
  npm run sweep -- --control          a bare bot instead, which must lose something
`

/** What may be asked for, as `parseArgs` takes it. */
export const options = {
  from: { type: 'string', default: '1' },
  to: { type: 'string', default: 'Infinity' },
  every: { type: 'string', default: '1' },
  role: { type: 'string' },
  part: { type: 'string' },
  double: { type: 'string', default: '40' },
  control: { type: 'boolean', default: false },
} as const
