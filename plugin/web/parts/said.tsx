import './said.css'

/** What has just happened, for whoever does not see it. */
export function Said({ children }: { children: string }) {
  return (
    <div role="status" class="unseen">
      {children}
    </div>
  )
}
