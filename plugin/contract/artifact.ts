/** A file that the host stores for an org. */
export type Artifact = {
  /** `art_…` */
  readonly id: string
  /** The media type detected from its bytes, never the one that its sender claims; null if none is detected. */
  readonly mime: string | null
  readonly sizeBytes: number
  /** In hex. */
  readonly sha256: string
  /** Safe to display, and to use as a file name; null if there is none. */
  readonly fileName: string | null
}

/** A file to be stored. `source` identifies its origin: the file of one source is stored once, however often it is handed over. */
export type NewArtifact = Omit<Artifact, 'id'> & { readonly source: string }

/** How many bytes an org stores, with identical files counted once, and how many it may store. */
export type ArtifactRoom = { readonly usedBytes: number; readonly mostBytes: number }

/** Whether an error means that an org has reached its storage limit. */
export const isOverQuota = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'over_quota'
