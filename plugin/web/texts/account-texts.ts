/** What the page of an account says. */
export const accountTexts = {
  allChannels: 'All channels',
  settings: 'Settings',
  configure: 'Configure',
  save: 'Save',
  test: 'Test',
  tested: (phone: string) => `WhatsApp answered: ${phone} is linked.`,
  unpair: 'Unpair …',
  unpairWarning: 'The keys are destroyed; bindings and messages stay.',
  unpairNow: 'Unpair now',
  keep: 'Keep it',
}
