import { useState } from 'preact/hooks'

import { call } from './control.ts'
import { useDeed } from './deed.ts'
import { Refusal } from './refusal.tsx'
import type { Town } from './town.ts'

/** Adds a person with a phone. */
export function NewPerson({ look, chosen }: Pick<Town, 'look'> & { chosen: (name: string) => void }) {
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  const { busy, refusal, run } = useDeed()
  const submit = (event: Event): void => {
    event.preventDefault()
    void run(async () => {
      await call('phones/meet', { name: name.trim().toLowerCase(), push_name: name.trim() })
      await look()
      chosen(name.trim().toLowerCase())
      setName('')
      setOpen(false)
    })
  }
  if (!isOpen) return <button onClick={() => setOpen(true)}>Another person …</button>
  return (
    <form class="inline" onSubmit={submit}>
      <label>
        <span>Their name</span>
        <input value={name} required maxLength={32} onInput={event => setName(event.currentTarget.value)} />
      </label>
      <button disabled={busy || name.trim() === ''}>Hand them a phone</button>
      <Refusal>{refusal}</Refusal>
    </form>
  )
}
