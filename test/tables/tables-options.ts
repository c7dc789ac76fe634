/** How it is used. */
export const usage = `Writes the tables of the READMEs that are made of the code: calls, errors, kinds and settings.

  npm run tables               writes those that are not current
`

/** What may be asked for, as `parseArgs` takes it. */
export const options = {} as const
