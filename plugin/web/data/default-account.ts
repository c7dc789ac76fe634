/** The account that exists before any other is configured. */
export const DEFAULT_ACCOUNT = 'default'
