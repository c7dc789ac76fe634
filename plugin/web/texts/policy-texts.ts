/** What the view of policies says. */
export const policyTexts = {
  newPolicy: 'New policy',
  name: 'Name',
  nameHint: 'Letters, digits, “_” and “-”; not “audit”.',
  nameTaken: 'There is already a policy with this name.',
  notCompiled: 'It does not compile, so the previous policies remain in force. Fix the errors below.',
  save: 'Save and activate',
  close: 'Close',
  source: 'Source',
  bundle: 'a compiled bundle, ',
  bytes: (bytes: number) => `${bytes} bytes`,
  delete: 'Delete',
  deleteConsequence: 'It decides nothing any more.',
  problems: 'Problems',
  allPolicies: 'All policies',
  row: (row: number) => `row ${row}`,
  column: (column: number) => `column ${column}`,
  states: {
    in_force: {
      word: 'in force',
      sentence: 'Each call of a tool and of the API is judged by these policies.',
    },
    last_good: {
      word: 'the previous ones are in force',
      sentence: 'The policies do not compile. The previous ones remain in force until the errors below are fixed.',
    },
    refused: {
      word: 'everything is denied',
      sentence:
        'The policies do not compile and there is no earlier working version, so all calls are denied. Fix the errors below.',
    },
    suspended: {
      word: 'suspended',
      sentence:
        'They took too long or too much memory three times within an hour. All calls are denied until an owner changes or reloads them.',
    },
    none: {
      word: 'no policies',
      sentence: 'Without policies, tools that only read are allowed, and all others need an approval.',
    },
    off: {
      word: 'switched off',
      sentence:
        'Policies are switched off in the settings of the host: tools that only read are allowed, and all others need an approval.',
    },
  },
  test: 'Test',
  denyingRules: 'Rules that deny',
  decidedIn: (ms: string) => `Decided in ${ms} ms.`,
  decisions: {
    allow: 'Allowed.',
    approval_required: 'Denied, unless a person approves it.',
    deny: 'Denied, approved or not.',
    unjudged: 'There are no policies: a tool that only reads is allowed, any other needs an approval.',
  },
  role: 'Role',
  roles: { viewer: 'viewer', member: 'member', admin: 'admin', owner: 'owner' },
  sender: 'Sender',
  senderHint: 'As +972… or lid:…; left empty, no message began it.',
  inGroup: 'In a group',
  inGroupAnswers: { no: 'no', yes: 'yes', '': 'no message at all' },
  action: 'Action',
  actionHint: 'chat.tool.execute is the call of a tool; others are calls of the API, as binding.create.',
  tool: 'Tool',
  effect: 'Effect of the tool',
  effects: { read: 'read', write: 'write', destructive: 'destructive' },
  approved: 'It was approved',
}
