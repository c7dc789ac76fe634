/** The account that there is before one has another name. */
export const DEFAULT_ACCOUNT = 'default'
