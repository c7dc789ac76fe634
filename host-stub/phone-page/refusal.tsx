/** Shows why something was refused, and announces it to screen readers. */
export function Refusal({ children }: { children: string | null }) {
  return (
    <p role="alert" class={children === null ? 'hidden' : 'note bad'}>
      {children}
    </p>
  )
}
