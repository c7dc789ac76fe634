import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { BotOrder, BotOrders, BotSetting, FromBot, ToBot } from './bot-orders.ts'
import { end, probed } from './processes.ts'

const botProgram = fileURLToPath(new URL('./bot.js', import.meta.url))
const patienceMs = 120_000

/** A bare bot in a process of its own. */
export type BotProcess = AsyncDisposable & {
  order<Name extends BotOrder>(name: Name, input: BotOrders[Name]['input']): Promise<BotOrders[Name]['output']>
  /** Waits until so many logins are open once more than at the last call. */
  opened(count: number): Promise<void>
}

export type BotStart = {
  readonly setting: BotSetting
  /** Where its probe writes. */
  readonly usage: string
  readonly profiles: string | null
  readonly onQr: (index: number, qr: string) => void
}

export function startBot({ setting, usage, profiles, onQr }: BotStart): BotProcess {
  const child = fork(botProgram, [JSON.stringify(setting)], {
    ...probed(usage, profiles),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  const bell = new EventEmitter()
  const opens = new Set<number>()
  const answers = new Map<number, { resolve: (output: unknown) => void; reject: (error: Error) => void }>()
  let lastOrder = 0
  child.on('message', message => {
    const said = message as FromBot
    if (said.event === 'qr') onQr(said.index, said.qr)
    else if (said.event === 'open') bell.emit('open', opens.add(said.index))
    else if (said.event === 'answer') answers.get(said.id)?.resolve(said.output)
    else answers.get(said.id)?.reject(new Error(said.why))
  })
  child.once('exit', () => {
    for (const { reject } of answers.values()) reject(new Error('the bare bot ended by itself'))
  })
  return {
    order: <Name extends BotOrder>(name: Name, input: BotOrders[Name]['input']) =>
      ask<BotOrders[Name]['output']>(child, answers, { id: ++lastOrder, order: name, input }),
    opened: async count => {
      const signal = AbortSignal.timeout(patienceMs)
      while (opens.size < count) await once(bell, 'open', { signal })
      opens.clear()
    },
    [Symbol.asyncDispose]: () => end(child, 'SIGTERM'),
  }
}

function ask<Output>(
  child: ChildProcess,
  answers: Map<number, { resolve: (output: unknown) => void; reject: (error: Error) => void }>,
  order: ToBot,
): Promise<Output> {
  return new Promise<Output>((resolve, reject) => {
    answers.set(order.id, { resolve: output => resolve(output as Output), reject })
    child.send(order, error => {
      if (error) reject(error)
    })
  })
}
