import type { RunningHost } from './agentcy/running-host.ts'

/** The facts about a newly started host. */
type Started = Pick<RunningHost, 'url' | 'home' | 'mintedToken' | 'signInLink'>

/** The link to the page, which signs in the person who opens it. */
const pageLines = (host: Started): string[] => [
  'Open the page; the link works once, within 10 minutes:',
  '',
  `  ${host.signInLink()}`,
]

const tokenLines = (minted: string | null): string[] =>
  minted === null
    ? [
        'The owner token is the one in AGENTCY_TOKEN, or the one printed at the first start; `npm run token` mints more.',
      ]
    : ['The owner token of org_local, shown this once:', '', `  ${minted}`]

/** The token is shown only once; the commands read it from the environment. */
const HANDED = [
  'Hand it to the commands below; what is typed is not shown, and in no history:',
  '',
  '  read -rs AGENTCY_TOKEN; export AGENTCY_TOKEN',
]

/** What the page also offers when the phones are simulated. */
const PHONE_LINES = [
  'Its “Phone” holds the simulated phones: scan the code there, write as a contact or in a group, send a picture, react.',
]

/** Instructions for a person who links their own phone. */
const realLink = (cli: string): string[] => [
  'Link a phone: run this in another terminal, and scan the code that it draws with',
  'WhatsApp → Settings → Linked devices → Link a device.',
  '',
  `  ${cli} pair`,
]

/** A simulated phone has no camera: a command passes it the picture. */
const simulatedLink = (cli: string, curl: (path: string) => string): string[] => [
  'Let the simulated phone scan the code, and see whether it is linked:',
  '',
  `  ${curl('channels/whatsapp/configure')} -H 'content-type: application/json' -d '{"fields":{}}'`,
  `  ${curl('channels/whatsapp/qr/start')} | sed 's/.*"qr_data_url":"\\([^"]*\\)".*/\\1/' | npm run -s phone -- scan -`,
  `  ${cli} status`,
  '',
  'and, once an agent is bound as below, write to it: npm run phone -- say alice hello',
]

/** What a person who has just started the host does next, with the commands to copy. */
export function nextSteps(host: Started, simulated: boolean): string {
  const { url, mintedToken } = host
  const cli = `AGENTCY_URL=${url} node dist/client/cli.js`
  // Other users of this machine could read a header argument while the command runs.
  const curl = (path: string): string =>
    `printf 'authorization: Bearer %s' "$AGENTCY_TOKEN" | curl -sX POST ${url}/api/v1/${path} -H @-`
  return [
    ...pageLines(host),
    '',
    ...(simulated ? [...PHONE_LINES, ''] : []),
    ...tokenLines(mintedToken),
    '',
    ...HANDED,
    '',
    ...(simulated ? simulatedLink(cli, curl) : realLink(cli)),
    '',
    'Let an agent answer what is written to the linked number:',
    '',
    `  ${curl('bindings')} -H 'content-type: application/json' -d '{"agent":"echo","match_rule":{"channel":"whatsapp"}}'`,
    '',
  ].join('\n')
}

/** What a person can do after the demo, while it stays up. */
export function demoSteps(host: Started): string {
  return [
    'It stays up until Ctrl+C.',
    '',
    ...pageLines(host),
    '',
    ...PHONE_LINES,
    '',
    'Or, in another terminal:',
    '',
    "  npm run phone -- say alice 'And now?' --to owner    alice writes again",
    '  npm run phone -- --help                             what else the phones can do',
    '',
    ...tokenLines(host.mintedToken),
    '',
    ...HANDED,
    '',
    `  AGENTCY_URL=${host.url} node dist/client/cli.js tail`,
    '',
    `Its data is in ${host.home}.`,
  ].join('\n')
}
