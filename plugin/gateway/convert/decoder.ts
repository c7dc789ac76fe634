import { parentPort } from 'node:worker_threads'

import type { Decoding, Made } from './decoders.ts'

/** Each module is loaded when it is first needed. */
const picture = () => import('./image.ts')
const sound = () => import('./audio.ts')

/** Runs one task on a file. These modules limit the size of their results. */
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

// One at a time: the next request comes only after the last answer.
parentPort?.on('message', (decoding: Decoding) => {
  void make(decoding).then(
    made => parentPort?.postMessage(made),
    () => parentPort?.postMessage(null),
  )
})
