import { useState } from 'preact/hooks'

import { call } from './control.ts'
import { useDeed } from './deed.ts'
import { NewPerson } from './new-person.tsx'
import { Phone } from './phone.tsx'
import { Refusal } from './refusal.tsx'
import { type Town, useTown } from './town.ts'

/** The default people: one whose number is linked, and two who write to it. */
const USUAL = [
  { name: 'owner', push_name: 'Owner' },
  { name: 'alice', push_name: 'Alice' },
  { name: 'bob', push_name: 'Bob' },
]

function NobodyYet({ look }: Pick<Town, 'look'>) {
  const { busy, refusal, run } = useDeed()
  const make = (): void => {
    void run(async () => {
      for (const person of USUAL) await call('phones/meet', person)
      await look()
    })
  }
  return (
    <div class="empty">
      <strong>Nobody has a phone in this network yet.</strong>
      <p>The owner links a number, and Alice and Bob write to it.</p>
      <button class="primary" disabled={busy} onClick={make}>
        Hand out three phones
      </button>
      <Refusal>{refusal}</Refusal>
    </div>
  )
}

/** All phones of the simulated network, one of which is shown. */
export function Phones() {
  const town = useTown()
  const [chosen, setChosen] = useState('owner')
  const { phones } = town
  const mine = phones?.find(({ name }) => name === chosen) ?? phones?.[0]
  return (
    <>
      <h1>Simulated phones</h1>
      <Refusal>{town.refusal}</Refusal>
      {phones?.length === 0 && <NobodyYet look={town.look} />}
      {phones && mine && (
        <>
          <div class="people" role="group" aria-label="Whose phone">
            {phones.map(({ name, push_name: title, devices }) => (
              <button key={name} aria-pressed={name === mine.name} onClick={() => setChosen(name)}>
                {title}
                {devices.length > 0 && <span class="mark"> · linked</span>}
              </button>
            ))}
            <NewPerson look={town.look} chosen={setChosen} />
          </div>
          <Phone key={mine.name} me={mine} town={{ ...town, phones }} />
        </>
      )}
    </>
  )
}
