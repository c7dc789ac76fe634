/** A file that the host keeps for an org. */
export type Artifact = {
  /** `art_…` */
  readonly id: string
  /** What its bytes say that it is, never what its sender claims; null when they do not say. */
  readonly mime: string | null
  readonly sizeBytes: number
  /** In hex. */
  readonly sha256: string
  /** Safe to be shown and saved under; null when there is none. */
  readonly fileName: string | null
}

/** A file to be kept. `source` names what it came from: the same one is kept once, however often it is handed over. */
export type NewArtifact = Omit<Artifact, 'id'> & { readonly source: string }

/** How many bytes an org keeps, the same ones counted once, and how many it may. */
export type ArtifactRoom = { readonly usedBytes: number; readonly mostBytes: number }

/** Whether it was thrown because an org keeps as many bytes as it may. */
export const isOverQuota = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'over_quota'
