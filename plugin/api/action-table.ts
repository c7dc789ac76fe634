import type { ProcedurePath } from './role-table.ts'

/**
 * What policies call each procedure: `<domain>.<verb>`, derived from method and path as agentcy-host.md §4 shows, with the
 * verbs of its audit log for what is created, updated and deleted.
 */
export const ACTION_TABLE: Record<ProcedurePath, string> = {
  'channels.list': 'channel.list',
  'channels.reload': 'channel.reload',
  'whatsapp.configure': 'channel.configure',
  'whatsapp.unpair': 'channel.unconfigure',
  'whatsapp.send': 'channel.send',
  'whatsapp.sends.get': 'channel.send.get',
  'whatsapp.sends.cancel': 'channel.send.delete',
  'whatsapp.sends.watch': 'channel.send.watch',
  'whatsapp.transfers.watch': 'channel.transfer.watch',
  'whatsapp.schema': 'channel.schema',
  'whatsapp.test': 'channel.test',
  'whatsapp.qr.start': 'channel.qr.start',
  'whatsapp.qr.status': 'channel.qr.status',
  'whatsapp.qr.watch': 'channel.qr.watch',
  'whatsapp.connection.watch': 'channel.connection.watch',
  'whatsapp.messages.list': 'channel.message.list',
  'whatsapp.messages.watch': 'channel.message.watch',
  'whatsapp.messages.trace': 'channel.message.trace',
  'whatsapp.groups.list': 'channel.group.list',
  'whatsapp.groups.get': 'channel.group.get',
  'turns.list': 'turn.list',
  'turns.retry': 'turn.retry',
  'policies.list': 'policy.list',
  'policies.get': 'policy.get',
  'policies.put': 'policy.update',
  'policies.delete': 'policy.delete',
  'policies.test': 'policy.test',
  'bindings.list': 'binding.list',
  'bindings.get': 'binding.get',
  'bindings.create': 'binding.create',
  'bindings.update': 'binding.update',
  'bindings.reorder': 'binding.reorder',
  'bindings.explain': 'binding.explain',
  'bindings.replay': 'binding.replay',
  'bindings.delete': 'binding.delete',
}
