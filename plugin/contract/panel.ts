/** A page of the host's own that belongs beside the channel's, and is shown as one of its views. */
export type Panel = {
  /** What its link is called. */
  readonly title: string
  /** On the host's own origin, for example `/simulated-phone`. */
  readonly path: string
}
