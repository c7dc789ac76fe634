import type { WireMessage } from '../../contract/api/messages.ts'

export type File = WireMessage['media'][number]

/** The types that browsers show as pictures and that cannot run scripts. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

export const isPicture = ({ mime }: Pick<File, 'mime'>): boolean => PICTURES.has(mime?.split(';')[0] ?? '')

const PROBLEMS: Record<string, string> = {
  too_large: 'It is larger than the settings allow.',
  gone: 'WhatsApp no longer has it.',
  wrong_hash: 'The file that WhatsApp delivered is not the one that was sent.',
  too_slow: 'The download was too slow.',
  unreachable: 'WhatsApp’s file servers could not be reached.',
  forgotten: 'It has disappeared from its chat and was deleted.',
  overdue: 'It could not be downloaded for a day.',
  over_quota: 'The files of this org have reached their limit: it is downloaded on request once there is room.',
  forbidden_host: 'The file is on a server that is not WhatsApp’s, so it was not downloaded.',
  redirected: 'The file is on a server that is not WhatsApp’s, so it was not downloaded.',
  incomplete: 'The sender’s phone did not say where the file is.',
  storage: 'There was no space for it on this host.',
}

export const problemSentence = (problem: string): string =>
  PROBLEMS[problem] ?? `It could not be downloaded: ${problem}.`

const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const

/** `1.4 MB` */
export function sizeWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const amount = bytes / 1_000 ** power
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[power]}`
}
