import { parentPort, workerData } from 'node:worker_threads'

import { Engine, EngineRefused } from './engine.ts'
import { inputOf } from './input.ts'
import { SELF_CHECK_QUESTIONS } from './self-check-questions.ts'

/** Runs in a worker of its own, which is ended when it does not come to an end. */
function check(modules: readonly Uint8Array[]): string | null {
  try {
    for (const module of modules) {
      const engine = new Engine(module)
      for (const question of SELF_CHECK_QUESTIONS) engine.evaluate(inputOf(question, new Date()))
    }
    return null
  } catch (error) {
    if (error instanceof EngineRefused) return error.message
    return 'They break down when they are asked: two rules of one name contradict each other, or one is too much.'
  }
}

parentPort?.postMessage(check(workerData as Uint8Array[]))
