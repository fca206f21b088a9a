import type { PermissionRole } from '../cloud/provider.ts';
import { KopsError } from '../lib/errors.ts';
import { clusterContext, withProvider } from './cluster-context.ts';
import type { Operator } from './operator.ts';
import { planCluster } from './plan-cluster.ts';
import { readSpecs } from './stored-clusters.ts';

/** What `role` must be allowed for the cluster to be as its specs say, in the cloud's own form. Makes no call of the cloud unless the specs refer to existing things. */
export async function clusterPermissions(operator: Operator, name: string, role: PermissionRole, options: { split?: boolean } = {}): Promise<object> {
  const context = await clusterContext(operator, await readSpecs(operator, name));
  const { module, region, facts } = context;
  if (!module.permissions) {
    throw new KopsError(`the cloud of cluster ${name}, ${module.name}, asks nobody for permission`, {
      code: 'NO_PERMISSIONS',
      exit: 'usage',
      object: name,
      suggestions: ['Nothing has to be allowed for this cluster.', 'For a cluster on AWS: kops-ts get iam-policy NAME'],
    });
  }
  const desired = await withProvider(operator, context, async (provider) => (await planCluster(operator, context, provider, { fresh: true })).desired);
  return module.permissions(role, { clusterName: name, region, facts, stateStore: operator.store.objects.url, desired, ...options });
}
