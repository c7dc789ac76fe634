const servers = ['s.whatsapp.net', 'lid', 'g.us', 'hosted', 'hosted.lid'] as const

export type Server = (typeof servers)[number]

/** The address of a chat, a person or one of a person's devices on the wire. */
export interface Address {
  user: string
  server: Server
  device: number
}

const pattern = /^(\d[\d-]{0,39})(?::(\d{1,3}))?@(.+)$/

export function parseAddress(written: string | undefined): Address | undefined {
  const [, user, device, host] = pattern.exec(written ?? '') ?? []
  const server = servers.find(known => known === host)
  return user && server ? { user, server, device: Number(device ?? 0) } : undefined
}

export function formatAddress({ user, server, device }: Address): string {
  return device === 0 ? `${user}@${server}` : `${user}:${device}@${server}`
}
