import { Browsers } from '@whiskeysockets/baileys'

/** The system, browser and version that a client shows. The phone lists the system's name among its linked devices. */
export type Appearance = [system: string, browser: string, version: string]

export const OWN_NAME: Appearance = ['Agentcy', 'Chrome', '1.0']

/** WhatsApp's server gives a pairing code only to browsers and systems that it knows (whatsmeow, `PairPhone`). */
export const COMMON_NAME: Appearance = Browsers.ubuntu('Chrome')
