import { KopsError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';
import { openStoredCluster } from './cluster-context.ts';
import { type InstanceRow, instanceRows } from './get-instances.ts';
import type { Operator } from './operator.ts';

/** Finds an instance by its id or its node's name; with `apply` terminates it, and its group starts another. Throws INSTANCE_NOT_FOUND. */
export function deleteInstance(operator: Operator, name: string, wanted: string, options: { apply: boolean }): Promise<InstanceRow> {
  return openStoredCluster(operator, name, async (provider, { instanceGroups }) => {
    const rows = instanceRows(await provider.instances.groups(name), instanceGroups);
    const found = rows.find((row) => row.id === wanted || row.nodeName === wanted);
    if (!found) throw notFound(name, wanted, rows);
    if (options.apply) await provider.instances.terminate(name, found.id);
    return found;
  });
}

function notFound(cluster: string, wanted: string, rows: readonly InstanceRow[]): KopsError {
  const near = nearest(
    wanted,
    rows.flatMap((row) => [row.id, row.nodeName]),
  );
  return new KopsError(`cluster ${cluster} has no instance ${wanted}${near === undefined ? '' : `: did you mean ${near}?`}`, {
    code: 'INSTANCE_NOT_FOUND',
    exit: 'notFound',
    object: wanted,
    suggestions: [`kops-ts get instances --name ${cluster}`],
  });
}
