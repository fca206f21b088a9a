import { fileURLToPath } from 'node:url';
import type { Environment } from '../lib/environment.ts';
import { KopsError } from '../lib/errors.ts';
import { openFileObjectStore } from './file-object-store.ts';
import { openMemoryObjectStore } from './memory-object-store.ts';
import type { ObjectStore } from './object-store.ts';

/** `s3://bucket[/prefix]`, `file:///folder`, `memory://name`. No call is made yet. Throws KopsError INVALID_STATE_STORE for anything else. */
export async function openObjectStore(url: string, environment: Environment): Promise<ObjectStore> {
  const scheme = /^([a-z0-9+.-]+):\/\//.exec(url)?.[1];
  const rest = scheme === undefined ? '' : url.slice(scheme.length + 3);
  if (scheme === 'file' && rest.startsWith('/')) return openFileObjectStore(fileURLToPath(url), environment);
  if (scheme === 'memory' && rest !== '') return openMemoryObjectStore(rest, environment.clock);
  if (scheme === 's3' && rest !== '') {
    const { openS3ObjectStore } = await import('./s3-object-store.ts');
    const [bucket = '', ...prefix] = rest.replace(/\/+$/, '').split('/');
    return openS3ObjectStore({ bucket, prefix: prefix.join('/') }, environment);
  }
  throw new KopsError(`${JSON.stringify(url)} is no state store`, {
    code: 'INVALID_STATE_STORE',
    exit: 'usage',
    object: url,
    expected: 's3://bucket[/prefix], file:///absolute/folder or memory://name',
    suggestions: url.startsWith('/') ? [`--state file://${url}`] : [],
  });
}
