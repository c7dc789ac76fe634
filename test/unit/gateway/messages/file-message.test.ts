import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { ERRORS } from '../../../../plugin/contract/errors/errors.ts'
import { MEDIA_TYPES } from '../../../../plugin/contract/media.ts'
import { fileMessage } from '../../../../plugin/gateway/messages/file-message.ts'
import { typeAs } from '../../../../plugin/gateway/kinds/lottie.ts'

const bytes = new Uint8Array(32)
const place = { mediaKey: bytes, fileSha256: bytes, fileEncSha256: bytes, fileLength: 1, url: null, directPath: '/x' }
const remarks = { caption: '', at: 0, contextInfo: null }

describe('a document that goes out', () => {
  it.each([
    ['application/pdf', null, 'file.pdf'],
    ['text/csv; charset=utf-8', null, 'file.csv'],
    ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', null, 'file.xlsx'],
    ['IMAGE/PNG', null, 'file.png'],
    ['application/octet-stream', null, 'file'],
    ['application/pdf', 'plan.txt', 'plan.txt'],
  ])('of the type %s and the name %j is called %s', (mime, fileName, shown) => {
    const message = fileMessage({ kind: 'document', mime, ...place }, { ...remarks, fileName })
    expect(message.documentMessage?.fileName).toBe(shown)
  })
})

describe('a file that came', () => {
  it('is a sticker that moves when it is a sticker and an archive', () => {
    expect(typeAs('sticker', 'application/zip')).toBe('application/was')
    expect(typeAs('document', 'application/zip')).toBe('application/zip')
    expect(typeAs('sticker', 'image/webp')).toBe('image/webp')
  })
})

describe('the refusal of a file', () => {
  it('names what each kind may be', () => {
    const { sentence } = ERRORS.wrong_media
    for (const type of ['aac', 'amr', 'flac', 'mp4', 'mpeg', 'ogg', 'wav']) {
      expect(MEDIA_TYPES.audio.test(`audio/${type}`)).toBe(true)
      expect(sentence.toLowerCase()).toContain(type === 'mpeg' ? 'mp3' : type)
    }
    expect(readFileSync(new URL('../../../../plugin/api/README.md', import.meta.url), 'utf8')).toContain(sentence)
  })
})
