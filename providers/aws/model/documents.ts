import { createHash } from 'node:crypto';
import type { NodeDocument } from '../../../src/cloud/provider.ts';
import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { parseS3Url } from '../s3-url.ts';
import { type AwsContext, resource } from './context.ts';

/** Key sets lie there already: the state store keeps them at the same keys. */
const keptByStateStore = /^pki\//;

/** What control planes read when they boot, and hand to workers: objects below `spec.configBase`. Elsewhere than in S3 instances can read nothing. */
export function documents(context: AwsContext): DesiredResource[] {
  const base = parseS3Url(context.spec.configBase);
  const published = context.input.documents.filter(({ path }) => !keptByStateStore.test(path));
  return base ? published.map((document) => managedFile(base, document)) : [];
}

function managedFile({ bucket, key }: { bucket: string; key: string }, document: NodeDocument): DesiredResource {
  const attributes = { bucket, key: key === '' ? document.path : `${key}/${document.path}`, sha256: contentHash(document.content), secret: document.secret };
  return resource('ManagedFile', document.path, attributes, document.instanceGroup === undefined ? {} : { instanceGroup: document.instanceGroup });
}

export function contentHash(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
