import type { RequestOf } from '../whatsapp/contract/control-contract.ts'
import { Refused } from './control.ts'

/** A file in the format of the network. */
export type OutgoingFile = Pick<RequestOf<'phones/send_file'>, 'kind' | 'mime' | 'data' | 'file_name'>

/** The types that phones show in the chat; all others are sent as a document with a name. */
const SHOWN_AT_ONCE: ReadonlyMap<string, 'image' | 'video'> = new Map([
  ['image/png', 'image'],
  ['image/jpeg', 'image'],
  ['video/mp4', 'video'],
])
/** A file of this size still fits into one call as base64. */
const LARGEST_BYTES = 5_000_000

function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => {
      const url = typeof reader.result === 'string' ? reader.result : ''
      resolve(url.slice(url.indexOf(',') + 1))
    }
    reader.onerror = () => reject(new Refused('The file cannot be read.'))
    reader.readAsDataURL(file)
  })
}

/**
 * Reads a file that somebody chose.
 * @throws Refused if it is too large or cannot be read.
 */
export async function readFile(file: File): Promise<OutgoingFile> {
  if (file.size > LARGEST_BYTES) throw new Refused('The file is larger than 5 MB. Choose a smaller one.')
  const mime = file.type || 'application/octet-stream'
  const kind = SHOWN_AT_ONCE.get(mime)
  const data = await base64Of(file)
  return kind ? { kind, mime, data } : { kind: 'document', mime, data, file_name: file.name }
}

/** A sample picture of a sun above a hill; `hour` moves the sun. */
export async function samplePicture(hour = 2): Promise<OutgoingFile> {
  const canvas = document.createElement('canvas')
  canvas.width = 320
  canvas.height = 200
  const pen = canvas.getContext('2d')
  if (!pen) throw new Refused('This browser draws no pictures.')
  const fill = (colour: string, shape: () => void): void => {
    pen.fillStyle = colour
    pen.beginPath()
    shape()
    pen.fill()
  }
  fill('#bfe3f5', () => pen.rect(0, 0, 320, 200))
  fill('#ffcc4d', () => pen.arc(80 * (hour + 1), 60, 32, 0, 2 * Math.PI))
  fill('#3c8d5a', () => pen.ellipse(110, 220, 220, 100, 0, 0, 2 * Math.PI))
  const drawn = await new Promise<Blob | null>(resolve => canvas.toBlob(resolve, 'image/png'))
  if (!drawn) throw new Refused('This browser draws no pictures.')
  return { kind: 'image', mime: 'image/png', data: await base64Of(drawn) }
}

/** Three sample pictures of one day. */
export const samplePictures = (): Promise<OutgoingFile[]> => Promise.all([0, 1, 2].map(samplePicture))
