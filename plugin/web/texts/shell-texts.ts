const PAGE = 'WhatsApp channel'

/** What the frame around the views and the sign-in say. */
export const shellTexts = {
  page: PAGE,
  titleOf: (view: string) => `${view} · ${PAGE}`,
  views: {
    channels: 'Channels',
    messages: 'Messages',
    bindings: 'Bindings',
    approvals: 'Approvals',
    policies: 'Policies',
    deliveries: 'Deliveries',
    audit: 'Audit',
  },
  skip: 'Skip to the view',
  navigation: 'Views',
  signOut: 'Sign out',
  lost: 'The host does not answer. This page continues by itself once it does.',
  ofAccount: (account: string) => ` · account ${account}`,
  signingIn: 'Signing in …',
  linkUsed: 'This link was already used, or has expired. Restart the host for a new one, or enter a token.',
  noAnswer: 'The host does not answer. Is it running?',
  howToSignIn:
    'Open the link that the host printed when it started: it signs you in, once. Or enter a token of an admin or the owner. It stays in this tab.',
  token: 'Token',
  signIn: 'Sign in',
}
