/** The texts of the charts. */
export const chartTexts = {
  noneYet: 'none yet',
  spread: (median: string, slowest: string) => `median ${median}, slowest ${slowest}`,
  noTimesYet: 'The time of answers is shown here once there are some.',
  newestMessage: 'the newest answered message',
  newestMessages: (count: number) => `the newest ${count} answered messages`,
  timePerHop: 'Time per hop',
  receivedStored: 'Received → stored',
  storedAgentDone: 'Stored → agent done',
  receivedReplySent: 'Received → reply sent',
  overview: 'Overview',
  asATable: 'As a table',
  minute: 'Minute',
  in: 'In',
  out: 'Out',
  trafficSummary: ({ inbound, outbound, minutes, most }: Record<'inbound' | 'outbound' | 'minutes' | 'most', number>) =>
    `${inbound} in and ${outbound} out within the last ${minutes} minutes, at most ${most} a minute`,
  messagesPerMinute: 'Messages per minute',
  messagesPerMinuteAre: (summary: string) => `Messages per minute: ${summary}`,
  seriesIn: 'in',
  seriesOut: 'out',
}
