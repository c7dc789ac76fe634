/** Says why something was refused, to a screen reader as well. */
export function Refusal({ children }: { children: string | null }) {
  return (
    <p role="alert" class={children === null ? 'hidden' : 'note bad'}>
      {children}
    </p>
  )
}
