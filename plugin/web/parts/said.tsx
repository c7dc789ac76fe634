import './said.css'

/** What has just happened, for a user who does not see it. */
export function Said({ children }: { children: string }) {
  return (
    <div role="status" class="unseen">
      {children}
    </div>
  )
}
