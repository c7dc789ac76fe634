/** The permissions of a person or program; each role includes those of the roles before it. */
export type Role = 'viewer' | 'member' | 'admin' | 'owner'
