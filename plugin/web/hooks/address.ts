import { useEffect, useState } from 'preact/hooks'

import { partsOf } from './address-parts.ts'

const here = (): string => location.hash.replace(/^#\/?/, '')

/**
 * The parts of the current address: the view and its parameters. Views are opened by links, so that the browser's back button
 * works.
 */
export function useAddress(): readonly string[] {
  const [address, setAddress] = useState(here)
  useEffect(() => {
    const moved = (): void => setAddress(here())
    addEventListener('hashchange', moved)
    return () => removeEventListener('hashchange', moved)
  }, [])
  return partsOf(address)
}

/** The link to a view. */
export const linkTo = (...parts: readonly string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`
