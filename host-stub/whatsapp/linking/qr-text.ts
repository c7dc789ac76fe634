/** The content of a QR code for linking a device. */
export interface QrText {
  ref: string
  noiseKey: Buffer
  identityKey: Buffer
  advSecret: Buffer
}

const linkPrefix = 'https://wa.me/settings/linked_devices#'
const fieldCount = 5
const keyBytes = 32

export function readQrText(shown: string): QrText | undefined {
  const fields = (shown.startsWith(linkPrefix) ? shown.slice(linkPrefix.length) : shown).split(',')
  const [ref, ...encoded] = fields
  const [noiseKey, identityKey, advSecret] = encoded.map(field => Buffer.from(field, 'base64'))
  if (fields.length !== fieldCount || !ref || !noiseKey || !identityKey || !advSecret) return undefined
  const whole = [noiseKey, identityKey, advSecret].every(key => key.length === keyBytes)
  return whole ? { ref, noiseKey, identityKey, advSecret } : undefined
}
