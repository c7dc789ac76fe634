// What a user of bare Baileys writes: keys in many files, a message is kept when `messages.upsert` tells of it, and
// answered. Arguments: the folder, the network's address and the root of its certificates.
import fs from 'node:fs'
import { join } from 'node:path'

import {
  Browsers,
  DisconnectReason,
  makeWASocket,
  useMultiFileAuthState,
  WA_CERT_DETAILS,
} from '@whiskeysockets/baileys'

const [folder = '.', url = '', noiseRootKey = ''] = process.argv.slice(2)
const silent = { level: 'silent', child: () => silent }
for (const level of ['trace', 'debug', 'info', 'warn', 'error']) silent[level] = () => undefined
// libsignal prints sessions with their private keys.
for (const level of ['info', 'warn', 'error']) console[level] = () => undefined

WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(noiseRootKey, 'hex')
process.umask(0o077)
await connect()

async function connect() {
  const { state, saveCreds } = await useMultiFileAuthState(join(folder, 'auth'))
  const socket = makeWASocket({
    waWebSocketUrl: url,
    auth: state,
    logger: silent,
    browser: Browsers.ubuntu('Chrome'),
    syncFullHistory: false,
  })
  socket.ev.on('creds.update', () => void saveCreds())
  socket.ev.on('connection.update', update => {
    if (update.qr) tell({ qr: update.qr })
    if (update.connection === 'open') tell({ open: true })
    if (update.connection !== 'close') return
    if (update.lastDisconnect?.error?.output?.statusCode === DisconnectReason.loggedOut) process.exit(1)
    setTimeout(() => void connect(), 250)
  })
  socket.ev.on('messages.upsert', ({ messages }) => {
    for (const message of messages) keep(socket, message)
  })
}

function keep(socket, { key, message }) {
  if (!key.id || key.fromMe || !message) return
  fs.appendFileSync(join(folder, 'kept'), `${key.id}\n`)
  const text = message.conversation ?? message.extendedTextMessage?.text ?? ''
  if (text.startsWith('echo ')) void socket.sendMessage(key.remoteJid, { text }).catch(() => undefined)
}

function tell(word) {
  process.stdout.write(`${JSON.stringify(word)}\n`)
}
