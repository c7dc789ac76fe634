import { StartRefused } from '../private-folder.ts'
import type { Environment } from '../host.ts'

/** The bucket of the artifacts, and the credentials for it. */
export type S3Settings = {
  readonly bucket: string
  /** Null: Amazon's own endpoint of the region. */
  readonly endpoint: string | null
  /** The prefix of every key: empty, or with a trailing slash. */
  readonly prefix: string
  readonly pathStyle: boolean
  readonly region: string
  /** Null: the credentials that the SDK finds by itself, in its own files or from the machine that it runs on. */
  readonly credentials: S3Credentials | null
}

export type S3Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const PREFIX = /^[A-Za-z0-9!_.*'()-]+(\/[A-Za-z0-9!_.*'()-]+)*$/
/** Servers of other vendors have no regions, but a signature must contain one. */
const ANY_REGION = 'us-east-1'

/**
 * Reads the settings from the environment.
 * @throws StartRefused if they are invalid. The message does not repeat the given value, since it may be a secret in the wrong
 * variable.
 */
export function s3SettingsFrom(environment: Environment): S3Settings {
  const endpoint = endpointFrom(environment['AGENTCY_ARTIFACT_S3_ENDPOINT'] ?? '')
  return {
    bucket: bucketFrom(environment['AGENTCY_ARTIFACT_S3_BUCKET'] ?? ''),
    endpoint,
    prefix: prefixFrom(environment['AGENTCY_ARTIFACT_S3_PREFIX'] ?? ''),
    pathStyle: pathStyleFrom(environment['AGENTCY_ARTIFACT_S3_PATH_STYLE'] ?? ''),
    region: regionFrom(environment['AWS_REGION'] ?? '', endpoint),
    credentials: credentialsFrom(environment),
  }
}

function bucketFrom(given: string): string {
  if (given !== '') return given
  throw new StartRefused('AGENTCY_ARTIFACT_BACKEND is s3, so AGENTCY_ARTIFACT_S3_BUCKET must name the bucket.')
}

function endpointFrom(given: string): string | null {
  if (given === '') return null
  const url = URL.canParse(given) ? new URL(given) : null
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (isPlain && /^https?:$/.test(url.protocol)) return given
  throw new StartRefused(
    'AGENTCY_ARTIFACT_S3_ENDPOINT must be an address as https://s3.example.com, with no user in it.',
  )
}

function regionFrom(given: string, endpoint: string | null): string {
  if (given !== '') return given
  if (endpoint !== null) return ANY_REGION
  throw new StartRefused('AWS_REGION must name the region of the bucket, or AGENTCY_ARTIFACT_S3_ENDPOINT its server.')
}

function prefixFrom(given: string): string {
  const prefix = given.replace(/^\/|\/$/g, '')
  if (prefix === '') return ''
  const isDotted = prefix.split('/').some(part => part === '.' || part === '..')
  if (PREFIX.test(prefix) && !isDotted) return `${prefix}/`
  throw new StartRefused("AGENTCY_ARTIFACT_S3_PREFIX must be of letters, digits, !_.*'()- and single slashes.")
}

function pathStyleFrom(given: string): boolean {
  if (given === 'true' || given === 'false' || given === '') return given === 'true'
  throw new StartRefused('AGENTCY_ARTIFACT_S3_PATH_STYLE must be true or false.')
}

function credentialsFrom(environment: Environment): S3Credentials | null {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = environment
  const sessionToken = environment['AWS_SESSION_TOKEN'] || undefined
  if (accessKeyId === '' && secretAccessKey === '') return null
  if (accessKeyId !== '' && secretAccessKey !== '') {
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
  }
  throw new StartRefused('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed together; one of them is missing.')
}
