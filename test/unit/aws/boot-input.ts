import { formatUserData } from '../../../src/bootstrap/user-data.ts';
import type { ModelInput, NodeSoftware } from '../../../src/cloud/provider.ts';
import type { ClusterSpec, CompletedCluster, InstanceGroup, InstanceGroupRole } from '../../../src/spec/types.ts';

export const clusterName = 'demo.example.com';

interface Changes {
  cluster?: Partial<ClusterSpec>;
  nodes?: Partial<InstanceGroup['spec']>;
  bastions?: Partial<InstanceGroup['spec']>;
  software?: Partial<NodeSoftware>;
}

/** What instances of a small cluster boot from: one control plane, one worker group, bastions. */
export function bootInput(changes: Changes = {}): Pick<ModelInput, 'completed' | 'userData' | 'software'> {
  const groups = [group('control-plane-us-east-1a', 'Master'), group('nodes-us-east-1a', 'Node', changes.nodes), group('bastions', 'Bastion', changes.bastions)];
  const spec = { configBase: `s3://state/${clusterName}`, networkCIDR: '172.20.0.0/16', nonMasqueradeCIDR: '100.64.0.0/10', ...changes.cluster };
  const completed: CompletedCluster = {
    cluster: { apiVersion: 'kops.k8s.io/v1alpha2', kind: 'Cluster', metadata: { name: clusterName }, spec },
    instanceGroups: groups,
    provenance: { cluster: {}, instanceGroups: {} },
  };
  const userData = Object.fromEntries(groups.filter(({ spec: { role } }) => role !== 'Bastion').map((each) => [each.metadata.name, bootConfig(each)]));
  return {
    completed,
    userData,
    software: { version: '0.1.0', url: `s3://state/${clusterName}/kops-ts/0.1.0/kops-ts-0.1.0-0f0f0f0f.tgz`, sha256: '0f'.repeat(32), ...changes.software },
  };
}

function group(name: string, role: InstanceGroupRole, spec: Partial<InstanceGroup['spec']> = {}): InstanceGroup {
  return { apiVersion: 'kops.k8s.io/v1alpha2', kind: 'InstanceGroup', metadata: { name }, spec: { role, ...spec } };
}

function bootConfig({ metadata: { name }, spec }: InstanceGroup): string {
  const role = spec.role === 'Node' ? 'Node' : 'ControlPlane';
  return formatUserData({
    clusterName,
    instanceGroup: name,
    role,
    provider: 'aws',
    nodeupConfigHash: 'Zm9vYmFy',
    configBase: `s3://state/${clusterName}`,
    documentPath: `igconfig/${role === 'Node' ? 'node' : 'control-plane'}/${name}/nodeupconfig.yaml`,
    apiServer: { host: `api.internal.${clusterName}`, port: 443, joinPort: 3988 },
    certificateAuthority: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  });
}
