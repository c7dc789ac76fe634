import type { TargetedSubmitEvent } from 'preact'
import { useState } from 'preact/hooks'

import type { PhoneCard } from '../whatsapp/contract/control-contract.ts'
import { call } from './control.ts'
import { useDeed } from './deed.ts'
import type { KnownTown } from './town.ts'
import { Refusal } from './refusal.tsx'

/** Creates a group of this phone's owner and others. */
export function NewGroup({ me, town, open }: { me: PhoneCard; town: KnownTown; open: (key: string) => void }) {
  const [isOpen, setOpen] = useState(false)
  const [subject, setSubject] = useState('')
  const { busy, refusal, run } = useDeed()
  const others = town.phones.filter(({ name }) => name !== me.name)
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const chosen = new FormData(event.currentTarget).getAll('member').filter(each => typeof each === 'string')
    const members = [me.name, ...chosen]
    void run(async () => {
      const { id } = await call('groups/create', { subject, members })
      await town.look()
      open(id)
    })
  }
  if (others.length === 0) return null
  if (!isOpen) return <button onClick={() => setOpen(true)}>New group …</button>
  return (
    <form class="card" onSubmit={submit}>
      <label>
        <span>Name of the group</span>
        <input value={subject} required maxLength={100} onInput={event => setSubject(event.currentTarget.value)} />
      </label>
      <fieldset>
        <legend>Who is in it</legend>
        {others.map(({ name, push_name: title }) => (
          <label key={name} class="choice">
            <input type="checkbox" name="member" value={name} defaultChecked /> {title}
          </label>
        ))}
      </fieldset>
      <div class="inline">
        <button class="primary" disabled={busy}>
          Make the group
        </button>
        <button type="button" onClick={() => setOpen(false)}>
          Cancel
        </button>
      </div>
      <Refusal>{refusal}</Refusal>
    </form>
  )
}
