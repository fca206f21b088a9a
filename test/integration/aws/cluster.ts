import { awsCatalog } from '../../../providers/aws/catalog.ts';
import { awsSpec } from '../../../providers/aws/spec.ts';
import type { ModelInput, Provider } from '../../../src/cloud/provider.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import type { Cluster, InstanceGroup } from '../../../src/spec/types.ts';
import { clusterName as name } from './network.ts';

/** Where documents are published; the bucket `state` must exist. */
export const configBase = `s3://state/${name}`;
const apiVersion = 'kops.k8s.io/v1alpha2';
const image = 'ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

function group(group: string, role: string, subnets: string[], more: object = {}): InstanceGroup {
  return {
    apiVersion,
    kind: 'InstanceGroup',
    metadata: { name: group },
    spec: { role, subnets, image, machineType: 't3.medium', minSize: 1, maxSize: 3, ...more },
  } as InstanceGroup;
}

/** Private, in two zones or more, with a bastion, without names in DNS. */
const user = (zones: readonly string[], controlPlanes: readonly string[]) => ({
  cluster: {
    apiVersion,
    kind: 'Cluster',
    metadata: { name },
    spec: {
      cloudProvider: 'aws',
      configBase,
      kubernetesVersion: 'v1.35.0',
      networkCIDR: '172.20.0.0/16',
      networking: { cni: {} },
      api: { loadBalancer: { type: 'Public', class: 'Network' } },
      sshAccess: ['0.0.0.0/0'],
      kubernetesApiAccess: ['0.0.0.0/0'],
      nodeTerminationHandler: { enabled: true, enableSQSTerminationDraining: true },
      subnets: zones.flatMap((letter, i) => [
        { name: `us-east-1${letter}`, type: 'Private', zone: `us-east-1${letter}`, cidr: `172.20.${64 + i * 32}.0/19` },
        { name: `utility-us-east-1${letter}`, type: 'Utility', zone: `us-east-1${letter}`, cidr: `172.20.${i * 4}.0/22` },
      ]),
      topology: { dns: { type: 'None' } },
      etcdClusters: ['main', 'events'].map((etcd) => ({ name: etcd, etcdMembers: controlPlanes.map((zone) => ({ name: zone, instanceGroup: `control-plane-us-east-1${zone}` })) })),
    },
  } as unknown as Cluster,
  instanceGroups: [
    ...controlPlanes.map((zone) => group(`control-plane-us-east-1${zone}`, 'Master', [`us-east-1${zone}`])),
    group('nodes-us-east-1a', 'Node', ['us-east-1a', 'us-east-1b'], { minSize: 2 }),
    group('bastions', 'Bastion', ['utility-us-east-1a']),
  ],
});

/** What the model makes a whole cluster of; images are looked up. With zones: one with a control plane in each. */
export async function clusterInput(provider: Pick<Provider, 'facts'>, zones?: readonly string[]): Promise<ModelInput> {
  const completed = completeCluster(user(zones ?? ['a', 'b'], zones ?? ['a']), { catalog: awsCatalog, providerSpec: awsSpec, facts: {} });
  return {
    completed,
    facts: await provider.facts(name, awsSpec.modelReferences?.(completed) ?? {}),
    userData: Object.fromEntries(completed.instanceGroups.filter(({ spec }) => spec.role !== 'Bastion').map(({ metadata }) => [metadata.name, `boot ${metadata.name}\n`])),
    documents: [
      { path: 'igconfig/node/nodes-us-east-1a/nodeupconfig.yaml', content: 'role: Node\n', roles: ['ControlPlane', 'Node'], secret: false, instanceGroup: 'nodes-us-east-1a' },
      { path: 'igconfig/control-plane/control-plane-us-east-1a/nodeupconfig.yaml', content: 'key: private\n', roles: ['ControlPlane'], secret: true },
    ],
    sshPublicKeys: [],
  };
}
