import { KopsError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';

/** More names than these are no help. */
const mostNamed = 12;

export function clusterNotFound(name: string, url: string, others: readonly string[]): KopsError {
  const near = nearest(name, others);
  return new KopsError(`cluster "${name}" not found in ${url}`, {
    code: 'CLUSTER_NOT_FOUND',
    exit: 'notFound',
    object: name,
    suggestions: [...(near === undefined ? [] : [`Did you mean ${near}?`]), 'kops-ts get clusters'],
  });
}

/** `winner`: who wrote it last, and when: `ann@laptop pid 4711 at 2026-08-01T09:00:00Z`. */
export function clusterExists(name: string, winner: string): KopsError {
  return new KopsError(`cluster "${name}" already exists; use 'kops-ts update cluster' to apply changes`, {
    code: 'CLUSTER_EXISTS',
    exit: 'conflict',
    object: name,
    expected: `no such cluster; it was last written by ${winner}`,
    suggestions: [`kops-ts get cluster ${name}`, `kops-ts update cluster ${name}`, `kops-ts delete cluster ${name} --yes`],
  });
}

export function instanceGroupNotFound(name: string, cluster: string, others: readonly string[]): KopsError {
  const near = nearest(name, others);
  return new KopsError(`InstanceGroup "${name}" not found in cluster ${cluster}`, {
    code: 'INSTANCE_GROUP_NOT_FOUND',
    exit: 'notFound',
    object: name,
    ...(others.length > 0 && others.length <= mostNamed ? { expected: `one of ${others.join(', ')}` } : {}),
    suggestions: [...(near === undefined ? [] : [`Did you mean ${near}?`]), `kops-ts get instancegroups --name ${cluster}`],
  });
}

export function alreadyStored(key: string, winner: string): KopsError {
  return new KopsError(`${key} already exists: written by ${winner}`, { code: 'STATE_EXISTS', exit: 'conflict', object: key });
}

/** Somebody wrote between our read and our write. Nothing was overwritten. */
export function changedMeanwhile(key: string, winner: string): KopsError {
  return new KopsError(`${key} was changed by ${winner}, after it was read; nothing was overwritten`, {
    code: 'STATE_CONFLICT',
    exit: 'conflict',
    object: key,
    suggestions: ['Run the same command again: it starts from the new version.'],
  });
}

export function corruptObject(key: string, url: string, problem: string, cause?: unknown): KopsError {
  return new KopsError(`${key} in ${url} cannot be used: ${problem}`, {
    code: 'STATE_CORRUPT',
    exit: 'invalid',
    object: key,
    suggestions: ['It was left as it is. Correct it, or bring it back from a copy or an older version.'],
    cause,
  });
}

export function unknownFiles(cluster: string, keys: readonly string[]): KopsError {
  const shown = keys.slice(0, 10);
  return new KopsError(
    `refusing to delete: unknown ${keys.length === 1 ? 'file' : 'files'} found: ${shown.join(', ')}${keys.length > shown.length ? ` and ${keys.length - shown.length} more` : ''}`,
    {
      code: 'STATE_UNKNOWN_FILES',
      exit: 'conflict',
      object: cluster,
      suggestions: ['Remove them yourself if nobody needs them, then run the same command again.'],
    },
  );
}
