import { runAgent } from '../../host-stub/agentcy/agent-loop.ts'
import { assistant } from '../../host-stub/agentcy/agents/assistant.ts'
import { MODEL_TIMES, ModelEndpoint, type ModelTimes } from '../../host-stub/agentcy/model/endpoint.ts'
import { readModelSettings } from '../../host-stub/agentcy/model/settings.ts'
import { keptLog } from './host.ts'
import { type ModelStandIn, type Script, modelEndpoint } from './model-endpoint.ts'
import { stagesOn } from './stages.ts'
import { linkedStore } from './store.ts'

export const MODEL_KEY = 'sk-never-to-be-seen'
/** It is waited for long enough on any machine, and tried again at once. */
const PATIENT: ModelTimes = { ...MODEL_TIMES, retryMs: 1 }

/** An assistant that asks this model. */
export function agentAt({ url }: ModelStandIn, times: Partial<ModelTimes> = {}) {
  const kept = keptLog()
  const read = readModelSettings({ ASSISTANT_BASE_URL: url, ASSISTANT_MODEL: 'parrot-1', ASSISTANT_API_KEY: MODEL_KEY })
  if (read.status !== 'complete') throw new Error(read.sentence)
  const { settings } = read
  const model = new ModelEndpoint({ settings, times: { ...PATIENT, ...times }, log: kept.log, random: () => 0 })
  return { agent: assistant({ model, secret: MODEL_KEY }), ...kept }
}

/** All stages before a model that answers as it is told. */
export async function talkWith(scripts: readonly Script[], times: Partial<ModelTimes> = {}) {
  const opened = await linkedStore()
  const endpoint = await modelEndpoint(...scripts)
  const { agent, lines } = agentAt(endpoint, times)
  const stages = await stagesOn(opened.store, { bindings: [{}], run: turn => runAgent(agent, turn) })
  const dispose = async (): Promise<void> => {
    await stages[Symbol.asyncDispose]()
    await endpoint[Symbol.asyncDispose]()
    await opened[Symbol.asyncDispose]()
  }
  return { ...stages, endpoint, hostLines: lines, [Symbol.asyncDispose]: dispose }
}
