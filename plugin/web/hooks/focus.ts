import { useEffect } from 'preact/hooks'

/** Focuses the view when the focused element has disappeared, so that keyboard users do not start at the top. */
export function useFocusInView(hasActed: boolean, when: readonly unknown[]): void {
  useEffect(() => {
    if (hasActed && document.activeElement === document.body) document.getElementById('view')?.focus()
  }, when)
}
