/** A page of the host that the channel's page shows as one of its views. */
export type Panel = {
  /** The text of its link. */
  readonly title: string
  /** A path on the host's own origin, for example `/simulated-phone`. */
  readonly path: string
}
