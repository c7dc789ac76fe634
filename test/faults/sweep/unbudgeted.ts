import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const budgets = { per_sender_minute: 'off', per_chat_minute: 'off', per_account_minute: 'off' }

/**
 * Has agents asked about everything that comes to a host: what is counted here is what is lost, and not what is too much. Beside
 * that its settings are these.
 */
export async function liftBudgets(home: string, settings: Record<string, unknown> = {}): Promise<void> {
  const folder = join(home, 'agentcy')
  await mkdir(folder, { mode: 0o700 })
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ whatsapp: { ...settings, budgets } }), {
    mode: 0o600,
  })
}
