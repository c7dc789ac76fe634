import './announcement.css'

/** Announces an event to screen readers. */
export function Announcement({ children }: { children: string }) {
  return (
    <div role="status" class="unseen">
      {children}
    </div>
  )
}
