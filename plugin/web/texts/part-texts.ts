/** The texts of the parts that many views share. */
export const partTexts = {
  justNow: 'just now',
  ago: (duration: string) => `${duration} ago`,
  nowAbout: (label: string, about: string) => `${label} now: ${about}`,
  now: 'now',
  keepIt: 'Keep it',
  in: 'in',
  loading: 'Loading …',
  nameOfPerson: 'What they call themselves',
  nameOfGroup: 'What its members call it',
  waitsToBeSent: 'waits to be sent',
  tooLateToBeSent: 'too late to be sent',
  takenBack: 'taken back',
}
