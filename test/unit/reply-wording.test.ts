import { describe, expect, it } from 'vitest'

import { wordingsOf } from '../../plugin/reply-wording.ts'

describe('what an agent replies', () => {
  it('is Markdown, unless it says that it is not', () => {
    expect(wordingsOf('**yes**')).toEqual([{ text: '*yes*' }])
    expect(wordingsOf({ text: '**yes**', plain: true })).toEqual([{ text: '**yes**' }])
  })

  it('is Markdown in a caption and in an edit too', () => {
    const media = { kind: 'document', artifact_id: 'art_1', caption: '**yes**' } as const
    expect(wordingsOf({ media })).toEqual([{ media: { ...media, caption: '*yes*' } }])
    expect(wordingsOf({ media, plain: true })).toEqual([{ media }])
    const edit = { message_id: 'msg_1', text: '# Yes' }
    expect(wordingsOf({ edit })).toEqual([{ edit: { ...edit, text: '*Yes*' } }])
  })

  it('is nothing when it is nothing but blanks', () => {
    expect([wordingsOf(''), wordingsOf(' \n '), wordingsOf({ text: ' ', plain: true })]).toEqual([[], [], []])
  })

  it('answers with the first of its parts alone', () => {
    const parts = wordingsOf({ text: 'word '.repeat(2_000), plain: true, reply_to: 'msg_1' }) ?? []
    expect(parts.map(({ reply_to: to }) => to)).toEqual(['msg_1', undefined, undefined])
  })

  it('may bring a file that the host has, or its bytes', () => {
    const artifact = { media: { kind: 'document', artifact_id: 'art_1', caption: 'the report' } } as const
    expect(wordingsOf(artifact)).toEqual([artifact])
    const bytes = { media: { kind: 'image', data: 'AAAA' } } as const
    expect(wordingsOf(bytes)).toEqual([bytes])
  })

  it.each<[string, object]>([
    ['has a file fetched', { media: { kind: 'image', url: 'https://files.example/x?secret=1' } }],
    ['says two things', { text: 'a', poll: { question: 'b', options: ['c', 'd'] } }],
    ['says nothing', {}],
    ['captions a voice note', { media: { kind: 'voice', data: 'AAAA', caption: 'x' } }],
  ])('is not said when it %s', (_, reply) => {
    expect(wordingsOf(reply)).toBeNull()
  })
})
