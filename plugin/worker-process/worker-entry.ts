import { Socket } from 'node:net'

import { type Frame, framed, FrameReader } from '../workers/frames.ts'
import { TOOLS } from './tools.ts'
import type { FromWorker, ToWorker } from '../workers/job.ts'

const PIPE = 3

function answerTo({ head, bytes }: Frame): FromWorker {
  const { tool, message } = head as ToWorker
  try {
    return { says: 'answer', answer: TOOLS[tool](message as never, bytes) }
  } catch {
    return { says: 'broken' }
  }
}

const pipe = new Socket({ fd: PIPE })
const say = (said: FromWorker): void => {
  for (const part of framed({ head: said, bytes: [] })) pipe.write(part)
}
const reader = new FrameReader(frame => say(answerTo(frame)))

// The worker ends with the host, and not before: an interrupt of the terminal is handled by the host.
process.on('SIGINT', () => undefined)
pipe.on('close', () => process.exit())
pipe.on('data', (piece: Buffer) => reader.take(piece))
say({ says: 'ready' })
