/** What a person or program may do: each role may do all that the ones before it may. */
export type Role = 'viewer' | 'member' | 'admin' | 'owner'
