import { useEffect } from 'preact/hooks'

/** Gives the focus to the view when what had it is gone, so that keyboard users do not begin at the top. */
export function useFocusInView(hasActed: boolean, when: readonly unknown[]): void {
  useEffect(() => {
    if (hasActed && document.activeElement === document.body) document.getElementById('view')?.focus()
  }, when)
}
