import { awsCatalog } from '../../../providers/aws/catalog.ts';
import { modelCluster } from '../../../providers/aws/model/model.ts';
import { awsSpec } from '../../../providers/aws/spec.ts';
import type { Facts, ModelInput } from '../../../src/cloud/provider.ts';
import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import type { Cluster, ClusterSpec, CompletedCluster, Finding, InstanceGroup, InstanceGroupSpec } from '../../../src/spec/types.ts';

export const clusterName = 'shop.example.com';
const api = 'kops.k8s.io/v1alpha2';

export interface Wish {
  name?: string;
  cluster?: Record<string, unknown>;
  controlPlane?: Record<string, unknown>;
  nodes?: Record<string, unknown>;
  /** Groups beside those two. */
  more?: Record<string, Record<string, unknown>>;
  facts?: Facts;
  input?: Partial<Pick<ModelInput, 'documents' | 'sshPublicKeys' | 'software'>>;
}

const facts: Facts = {
  account: { id: '111122223333', partition: 'aws' },
  images: { 'our/image': { id: 'ami-0aa1', architecture: 'amd64', rootDevice: '/dev/sda1' } },
  hostedZones: { 'example.com': [{ id: 'Z1SHOP', private: false }] },
};

/** One control plane and one group of workers in a public subnet, with what a test wants otherwise. */
export function completedOf({ name = clusterName, cluster = {}, controlPlane, nodes, more = {}, facts: known }: Wish = {}): CompletedCluster {
  const spec = {
    cloudProvider: 'aws',
    configBase: `s3://state/${name}`,
    kubernetesVersion: 'v1.35.0',
    kubernetesApiAccess: ['0.0.0.0/0', '::/0'],
    sshAccess: ['0.0.0.0/0', '::/0'],
    networking: { cni: {} },
    networkCIDR: '10.1.0.0/16',
    subnets: [
      { name: 'a', type: 'Public', zone: 'eu-west-1a', cidr: '10.1.0.0/20' },
      { name: 'b', type: 'Public', zone: 'eu-west-1b', cidr: '10.1.16.0/20' },
      { name: 'inner', type: 'Private', zone: 'eu-west-1a', cidr: '10.1.32.0/20' },
      { name: 'outer', type: 'Utility', zone: 'eu-west-1a', cidr: '10.1.48.0/22' },
      { name: 'six', type: 'DualStack', zone: 'eu-west-1a', cidr: '10.1.64.0/20', ipv6CIDR: '/64#1' },
    ],
    etcdClusters: [{ name: 'main', etcdMembers: [{ name: 'a', instanceGroup: 'cp' }] }],
    ...cluster,
  } as unknown as ClusterSpec;
  const groups = { cp: { role: 'Master', ...controlPlane }, workers: { role: 'Node', ...nodes }, ...more };
  const user = {
    cluster: { apiVersion: api, kind: 'Cluster', metadata: { name }, spec } as Cluster,
    instanceGroups: Object.entries(groups).map(([group, own]) => groupOf(group, own)),
  };
  return completeCluster(user, { catalog: awsCatalog, providerSpec: awsSpec, facts: { ...facts, ...known } });
}

function groupOf(name: string, own: Record<string, unknown>): InstanceGroup {
  const spec = { image: 'our/image', machineType: 'm5.large', subnets: ['a'], ...own } as unknown as InstanceGroupSpec;
  return { apiVersion: api, kind: 'InstanceGroup', metadata: { name }, spec };
}

export function modelOf(wish: Wish = {}): DesiredResource[] {
  const completed = completedOf(wish);
  const booting = completed.instanceGroups.filter(({ spec }) => spec.role !== 'Bastion');
  const userData = Object.fromEntries(booting.map(({ metadata }) => [metadata.name, `# ${metadata.name}\n`]));
  return modelCluster({ completed, userData, documents: [], sshPublicKeys: [], facts: { ...facts, ...wish.facts }, ...wish.input });
}

/** Names of the resources of a kind, in order. */
export function namesOf(kind: string, resources: readonly DesiredResource[]): string[] {
  return resources.filter((resource) => resource.kind === kind).map(({ name }) => name);
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into attributes of every kind
export function attributesOf(kind: string, name: string, resources: readonly DesiredResource[]): any {
  const found = resources.find((resource) => resource.kind === kind && resource.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}, only ${namesOf(kind, resources).join(', ')}`);
  return found.attributes;
}

export const templateOf = (wish: Wish = {}, name = `workers.${clusterName}`) => attributesOf('LaunchTemplate', name, modelOf(wish));
export const groupOfModel = (wish: Wish = {}, name = `workers.${clusterName}`) => attributesOf('AutoscalingGroup', name, modelOf(wish));

/** Errors and warnings as `path: message`. */
export function findingsOf(wish: Wish): string[] {
  return awsSpec.validate(completedOf(wish)).map(({ path, message }: Finding) => `${path}: ${message}`);
}
