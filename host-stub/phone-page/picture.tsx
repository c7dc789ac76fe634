import { useEffect, useState } from 'preact/hooks'

import type { PhoneCard } from '../whatsapp/contract/control-contract.ts'
import type { ScreenLine } from '../whatsapp/world/ledger.ts'
import { call } from './control.ts'

const SHOWN = /^image\/(png|jpeg|gif|webp)$/

/** A file that came with a message: a picture when the phone can show it whole, its name otherwise. */
export function Picture({ me, line }: { me: PhoneCard; line: ScreenLine }) {
  const { id, file } = line
  const [source, setSource] = useState<string | null>(null)
  const mime = file?.mime ?? ''
  useEffect(() => {
    if (!SHOWN.test(mime)) return
    call('phones/file', { name: me.name, message: id }).then(
      ({ head, size_bytes: size }) => {
        // What is longer than its beginning would be half a picture.
        if (atob(head).length === size) setSource(`data:${mime};base64,${head}`)
      },
      () => undefined,
    )
  }, [me.name, id, mime])
  if (source !== null) return <img src={source} alt={file?.caption || 'Picture'} />
  return <p class="file">📎 {file?.name || mime || 'A file'}</p>
}
