import { plant } from './printed.ts'

/** A bucket, and who may write into it. */
type Bucket = {
  readonly endpoint: string
  readonly bucket: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** How an operator names the bucket of a host's artifacts. */
export function bucketEnvironment({ endpoint, bucket, credentials }: Bucket, prefix: string): Record<string, string> {
  const { accessKeyId, secretAccessKey } = credentials
  plant(secretAccessKey)
  return {
    AGENTCY_ARTIFACT_BACKEND: 's3',
    AGENTCY_ARTIFACT_S3_BUCKET: bucket,
    AGENTCY_ARTIFACT_S3_ENDPOINT: endpoint,
    AGENTCY_ARTIFACT_S3_PREFIX: prefix,
    AGENTCY_ARTIFACT_S3_PATH_STYLE: 'true',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }
}
