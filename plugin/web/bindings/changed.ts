/** A change of a binding in words, with the host's warning. */
export type Changed = { readonly sentence: string; readonly warning?: string | undefined }
