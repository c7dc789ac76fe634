/** What was done to a binding, in words, and what the host warns of. */
export type Changed = { readonly sentence: string; readonly warning?: string | undefined }
