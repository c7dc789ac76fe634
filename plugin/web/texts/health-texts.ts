/** The texts of the health of an account. */
export const healthTexts = {
  client: 'Client',
  line: 'Line',
  messagesAccepted: 'WhatsApp accepts our messages',
  messagesWaiting: 'Messages waiting at WhatsApp',
  of: 'of',
  haveComeIn: 'have come in',
  newChats: 'New chats',
  locked: 'locked',
  until: 'until',
  answersGoOn: '; answers go on in the meantime',
  keptForEver: 'Messages and their files are kept without limit, because no period is set. Choose: set',
  howToChoose: 'in the host’s settings to 180, say, or to 0 for ever.',
}
