/** The texts of the refused calls. */
export const dataTexts = {
  tokenExpired: 'The token is no longer valid. Sign in again.',
  unreachable: 'The host does not answer. This page continues by itself once it does.',
  thisHostDoes: 'This host does not have it.',
}
