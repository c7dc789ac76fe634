import { parentPort, workerData } from 'node:worker_threads'

import { Engine, EngineRefused } from './engine.ts'
import { inputOf } from './input.ts'
import { lockOutsOf } from './lock-outs.ts'
import { SELF_CHECK_QUESTIONS } from './self-check-questions.ts'
import type { SelfChecked } from './self-check-run.ts'

/** Runs in a worker of its own, which is ended when it does not come to an end. */
function check({ modules, org }: SelfChecked): string | null {
  try {
    const engines = modules.map(module => new Engine(module))
    for (const question of SELF_CHECK_QUESTIONS) {
      for (const engine of engines) engine.evaluate(inputOf(question, new Date()))
    }
    const [lockOut] = lockOutsOf(engines, org, new Date())
    if (!lockOut) return null
    const { rule, action } = lockOut
    return `${rule ?? 'They'} would deny an owner "${action}", and nobody could change these policies any more. Leave owners out of it: input.subject.role != "owner".`
  } catch (error) {
    if (error instanceof EngineRefused) return error.message
    return 'They break down when they are asked: two rules of one name contradict each other, or one is too much.'
  }
}

parentPort?.postMessage(check(workerData as SelfChecked))
