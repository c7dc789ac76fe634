/** The texts of the deliveries. */
export const deliveryTexts = {
  anAnswer: 'an answer',
  toKnown: 'to somebody who has written before',
  toStranger: 'to somebody who has never written',
  toAGroup: 'to a group',
  notConnected: 'The account is not connected to WhatsApp: it will be sent once it is.',
  lookedUpFirst: 'The number is looked up on WhatsApp before it is sent.',
  lookupLimitReached: 'The account has reached its limit of number lookups; it looks the number up then.',
  lookupUnanswered: 'WhatsApp did not answer the lookup of the number; it is looked up again then.',
  nextInTheQueue: 'Next in the queue',
  oneQueuedBefore: 'One queued before it',
  queuedBeforeIt: (position: number) => `${position} queued before it`,
  notBefore: ', not before',
  fromNow: 'from now',
  mayGoOutNow: ', may go out now',
  heldSameText:
    'Held: the same text has gone to as many chats within the hour as the settings allow, since more of them get numbers banned. It is not sent by itself any more; take it back, and write it differently.',
  itCouldNotBeSent: 'It could not be sent in time, and is not retried.',
  sentAsAnAudioFile: 'Sent as an audio file: this host cannot convert it to a voice note.',
  to: 'To',
  takeItBack: 'Take it back',
}
