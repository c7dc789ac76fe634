import type { WireMessage } from '../../contract/api/channels.ts'

export type File = WireMessage['media'][number]

/** What browsers show as a picture and cannot be made to run. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

export const isPicture = ({ mime }: Pick<File, 'mime'>): boolean => PICTURES.has(mime?.split(';')[0] ?? '')

const PROBLEMS: Record<string, string> = {
  too_large: 'It is larger than the settings allow.',
  gone: 'WhatsApp does not keep it any more.',
  wrong_hash: 'What WhatsApp gave out is not what was sent.',
  too_slow: 'It came too slowly.',
  unreachable: 'WhatsApp’s file servers could not be reached.',
  forgotten: 'It has disappeared from its chat, and is forgotten.',
  overdue: 'Nobody could fetch it for a day.',
  over_quota:
    'The files of this org take as much room as they may: it is fetched when somebody wants it and there is room.',
  forbidden_host: 'It is kept where nothing may be fetched from.',
  redirected: 'It is kept where nothing may be fetched from.',
  incomplete: 'The sender’s phone did not say where it is kept.',
  storage: 'There was no room for it on this host.',
}

export const problemSentence = (problem: string): string => PROBLEMS[problem] ?? `It could not be fetched: ${problem}.`

const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const

/** `1.4 MB` */
export function sizeWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const amount = bytes / 1_000 ** power
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[power]}`
}
