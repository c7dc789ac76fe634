/** How it is used. */
export const usage = `Says how the sources lie upon each other: of each place its rooms (folders, and files that lie in none), the imports between
them, the longest chain of those, and the circles.

  npm run structure                            the places that are to be in order
  npm run structure -- --place plugin/gateway  this one, with what lies in each layer
`

/** What may be asked for, as `parseArgs` takes it. */
export const options = {
  place: { type: 'string' },
} as const
