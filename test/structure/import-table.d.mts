export const FOLDERS: Readonly<Record<string, readonly string[]>>
export const SUBFOLDERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
export const NETWORK_FOLDERS: Readonly<Record<string, readonly string[]>>
export const WEB_FOLDERS: Readonly<Record<string, readonly string[]>>
export const CLIENT_FOLDERS: Readonly<Record<string, readonly string[]>>
