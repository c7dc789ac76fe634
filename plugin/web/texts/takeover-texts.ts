/** The texts of the takeovers. */
export const takeoverTexts = {
  tooFast: 'each message came seconds after our answer to the previous one',
  sameText: 'the same text came again and again',
  tooMany: 'one person wrote more within an hour than people do',
  answerItAgain: 'Answer it again',
  chatsThatLookLikeLoops: 'Chats that look like loops',
  looksLikeAMachine: 'looks like a machine that answers us:',
  nobodyIsAnswered: '. Nobody is answered there until a person lets it go on.',
  handBack: 'Hand it back to the agent',
  wasTakenOver: 'was taken over by a person,',
  onThePhone: 'who wrote there on the phone',
  fromHere: 'from here',
  noAgentIsAsked: '. No agent answers what is written there',
  untilHandedBack: 'until it is handed back.',
  before: 'before',
  chatsTakenOver: 'Chats taken over by a person',
  takeThisChatOver: 'Take this chat over',
}
