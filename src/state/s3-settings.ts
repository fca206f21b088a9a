import type { ObjectCannedACL, S3ClientConfig } from '@aws-sdk/client-s3';

/** As many as objects are read at once, and one for the lock. */
const mostSockets = 65;

export interface S3Settings {
  config: S3ClientConfig;
  endpoint: string | undefined;
  region: string;
  /** KOPS_STATE_S3_ACL: who may read what is written, where the bucket is another account's. */
  acl?: ObjectCannedACL;
}

/**
 * kops' variables first (S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY), then those of the AWS tools. Without credentials
 * in variables the SDK looks where it always does: profiles, single sign-on, the instance.
 */
export function s3Settings(variables: Readonly<Record<string, string | undefined>>): S3Settings {
  const endpoint = variables.S3_ENDPOINT || variables.AWS_ENDPOINT_URL_S3 || variables.AWS_ENDPOINT_URL || undefined;
  const region = variables.S3_REGION || variables.AWS_REGION || variables.AWS_DEFAULT_REGION || 'us-east-1';
  const credentials = credentialsOf(variables);
  const config: S3ClientConfig = {
    region,
    // The same few calls again and again: what the SDK puts around them is made once.
    cacheMiddleware: true,
    // Connections have checksums of their own; not every server knows the SDK's, and each small read would pay for them.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Other servers know no bucket names in host names.
    ...(endpoint === undefined ? { followRegionRedirects: true } : { endpoint: withScheme(endpoint), forcePathStyle: true }),
    ...(credentials ? { credentials } : {}),
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, httpAgent: { maxSockets: mostSockets }, httpsAgent: { maxSockets: mostSockets } },
  };
  const acl = variables.KOPS_STATE_S3_ACL || undefined;
  return { config, endpoint, region, ...(acl === undefined ? {} : { acl: acl as ObjectCannedACL }) };
}

function credentialsOf(variables: Readonly<Record<string, string | undefined>>) {
  const own = { accessKeyId: variables.S3_ACCESS_KEY_ID, secretAccessKey: variables.S3_SECRET_ACCESS_KEY };
  if (own.accessKeyId && own.secretAccessKey) return { accessKeyId: own.accessKeyId, secretAccessKey: own.secretAccessKey };
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = variables;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** kops takes an endpoint without scheme. */
function withScheme(endpoint: string): string {
  return /^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`;
}
