import type { DeleteOptions, ListOptions, WriteOptions } from './client.ts';

/** Query parameters of a list, watch or deletion of a collection. */
export function listQuery(options: ListOptions): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of ['labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersion'] as const) {
    const value = options[name];
    if (value !== undefined) query.set(name, String(value));
  }
  return query;
}

export function writeQuery(options: WriteOptions & { force?: boolean }): URLSearchParams {
  const query = new URLSearchParams();
  if (options.fieldManager !== undefined) query.set('fieldManager', options.fieldManager);
  if (options.dryRun) query.set('dryRun', 'All');
  if (options.force !== undefined) query.set('force', String(options.force));
  return query;
}

/** The DeleteOptions object of a DELETE's body. */
export function deleteBody({ gracePeriodSeconds, propagationPolicy, preconditions }: DeleteOptions): object {
  const body: Record<string, unknown> = { kind: 'DeleteOptions', apiVersion: 'v1' };
  if (gracePeriodSeconds !== undefined) body.gracePeriodSeconds = gracePeriodSeconds;
  if (propagationPolicy !== undefined) body.propagationPolicy = propagationPolicy;
  if (preconditions !== undefined) body.preconditions = preconditions;
  return body;
}
