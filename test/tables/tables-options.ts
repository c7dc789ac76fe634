/** How it is used. */
export const usage = `Writes what is made of the code: the tables of the READMEs (calls, errors, kinds and settings) and the calls in manifest.json.

  npm run tables               writes those that are not current
`

/** What may be asked for, as `parseArgs` takes it. */
export const options = {} as const
