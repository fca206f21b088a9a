import type { ObjectStorageAccess } from './daemon/home-object-storage.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where requests are signed for; in the local cloud every region is the same place. */
export const objectStorageRegion = 'us-east-1';

/** As kops and kops-ts read them, then as the AWS tools do. A session token would belong to other keys. */
function variablesOf({ endpoint, accessKeyId, secretAccessKey }: ObjectStorageAccess): Record<string, string> {
  return {
    S3_ENDPOINT: endpoint,
    S3_REGION: objectStorageRegion,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
}

/** Lines for `eval`. The values hold nothing that a shell would read. */
export function exportLines(access: ObjectStorageAccess): string {
  const lines = Object.entries(variablesOf(access)).map(([name, value]) => `export ${name}=${value}`);
  return `${lines.join('\n')}\nunset AWS_SESSION_TOKEN\n# Run: eval "$(kops-ts local env)"\n`;
}

export function unsetLine(): string {
  return `unset ${Object.keys(variablesOf({ endpoint: '', accessKeyId: '', secretAccessKey: '' })).join(' ')}\n`;
}

/** Whether the AWS CLI reaches 127.0.0.1 directly. It knows no address blocks in no_proxy. */
export function bypassesProxy(variables: Variables): boolean {
  const proxy = variables.http_proxy || variables.HTTP_PROXY || variables.all_proxy || variables.ALL_PROXY;
  const exceptions = (variables.no_proxy || variables.NO_PROXY || '').split(',').map((name) => name.trim());
  return !proxy || exceptions.some((name) => name === '127.0.0.1' || name === '*');
}
