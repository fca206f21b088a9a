import type { CloudGroup, CloudInstance } from '../cloud/provider.ts';
import type { InstanceGroup } from '../spec/types.ts';
import { openStoredCluster } from './cluster-context.ts';
import { roleName } from './cluster-health.ts';
import type { Operator } from './operator.ts';

/** One machine of a cluster; fields as kops prints them. */
export interface InstanceRow {
  id: string;
  nodeName: string;
  status: 'UpToDate' | 'NeedsUpdate' | 'Detached';
  roles: string[];
  /** The cloud's own word: `running`. */
  state: string;
  internalIP: string;
  externalIP: string;
  instanceGroup: string;
  machineType: string;
}

/** Instances of all groups, as the cloud has them; those that are gone are left out. */
export function getInstances(operator: Operator, name: string): Promise<InstanceRow[]> {
  return openStoredCluster(operator, name, async (provider, { instanceGroups }) => {
    const groups = await provider.instances.groups(name);
    for (const { id, problem } of groups.flatMap((group) => group.instances)) {
      if (problem !== undefined) operator.onEvent({ type: 'warning', message: `${id} does not boot and is tried again: ${problem}` });
    }
    return instanceRows(groups, instanceGroups);
  });
}

export function instanceRows(cloudGroups: readonly CloudGroup[], groups: readonly InstanceGroup[]): InstanceRow[] {
  return cloudGroups.flatMap((cloud) => {
    const group = groups.find((candidate) => candidate.metadata.name === cloud.instanceGroup);
    const roles = group ? [roleName(group)] : [];
    return cloud.instances.filter((instance) => instance.state !== 'terminated').map((instance) => instanceRow(instance, cloud.instanceGroup, roles));
  });
}

function instanceRow(instance: CloudInstance, instanceGroup: string, roles: string[]): InstanceRow {
  return {
    id: instance.id,
    nodeName: instance.nodeName ?? '',
    status: instance.detached ? 'Detached' : instance.needsUpdate ? 'NeedsUpdate' : 'UpToDate',
    roles,
    state: instance.state,
    internalIP: instance.privateIp ?? '',
    externalIP: instance.publicIp ?? '',
    instanceGroup,
    machineType: instance.machineType,
  };
}
