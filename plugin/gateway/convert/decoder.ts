import { parentPort } from 'node:worker_threads'

import type { Decoding, Made } from './decoders.ts'

/** Each is loaded when it is first needed. */
const picture = () => import('./image.ts')
const sound = () => import('./audio.ts')

/** What is made of a file; whatever comes out of it is bounded there. */
async function make({ kind, path, into }: Decoding): Promise<Made[Decoding['kind']]> {
  switch (kind) {
    case 'picture':
      return (await picture()).pictureOf(path)
    case 'sticker':
      return (await picture()).makeSticker(path, into ?? '')
    case 'animation':
      return (await picture()).isAnimated(path)
    case 'seconds':
      return (await sound()).secondsOf(path)
    case 'waveform':
      return (await sound()).waveformOf(path)
  }
}

// One after the other: nothing is asked for before the last answer.
parentPort?.on('message', (decoding: Decoding) => {
  void make(decoding).then(
    made => parentPort?.postMessage(made),
    () => parentPort?.postMessage(null),
  )
})
