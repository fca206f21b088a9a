import type { Facts, ModelInput } from '../../../src/cloud/provider.ts';
import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import type { Cluster, ClusterSpec, InstanceGroup, InstanceGroupRole, SubnetSpec, SubnetType } from '../../../src/spec/types.ts';
import type { AwsAttributes, AwsKindName, Id } from '../attributes.ts';
import { awsCatalog } from '../catalog.ts';
import { subnetName } from './names.ts';

/** What every part of the model starts from. */
export interface AwsContext {
  input: ModelInput;
  cluster: Cluster;
  spec: ClusterSpec;
  /** The cluster's name: `demo.example.com`. */
  name: string;
  /** `us-east-1` */
  region: string;
  groups: readonly InstanceGroup[];
  subnets: readonly SubnetSpec[];
  facts: Facts;
  /** A Ref, or the id of a network that exists already. */
  vpcId: Id;
}

/** One part of the model: its resources, in a stable order. */
export type ModelPart = (context: AwsContext) => DesiredResource[];

export function awsContext(input: ModelInput): AwsContext {
  const { cluster, instanceGroups } = input.completed;
  const { spec } = cluster;
  const { name } = cluster.metadata;
  const subnets = spec.subnets ?? [];
  return { input, cluster, spec, name, region: regionOf(subnets), groups: instanceGroups, subnets, facts: input.facts, vpcId: spec.networkID ?? ref('VPC', name) };
}

function regionOf(subnets: readonly SubnetSpec[]): string {
  const [subnet] = subnets;
  return subnet?.region ?? awsCatalog.regionOf(subnet?.zone ?? '') ?? '';
}

/** A desired resource with the attributes of its kind, those that are undefined left out. */
export function resource<Kind extends AwsKindName>(
  kind: Kind,
  name: string,
  attributes: AwsAttributes[Kind],
  more: Pick<DesiredResource, 'dependsOn' | 'instanceGroup' | 'lifecycle'> = {},
): DesiredResource {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return { kind, name, attributes: Object.fromEntries(given) as DesiredResource['attributes'], ...more };
}

/** The network is somebody else's; we make no gateway in it and do not change it. */
export function hasSharedNetwork({ spec }: AwsContext): boolean {
  return spec.networkID !== undefined;
}

export function isSharedSubnet(subnet: SubnetSpec): boolean {
  return subnet.id !== undefined;
}

/** Its way out is somebody else's: no route table of ours. */
export function hasExternalEgress(subnet: SubnetSpec): boolean {
  return subnet.egress === 'External';
}

export function subnetId({ name }: AwsContext, subnet: SubnetSpec): Id {
  return subnet.id ?? ref('Subnet', subnetName(subnet.name, name));
}

/** By its name in the spec; undefined when the spec has no such subnet. */
export function findSubnet({ subnets }: AwsContext, name: string): SubnetSpec | undefined {
  return subnets.find((subnet) => subnet.name === name);
}

export function subnetsOfType({ subnets }: AwsContext, ...types: readonly SubnetType[]): SubnetSpec[] {
  return subnets.filter((subnet) => types.includes(subnet.type));
}

export function groupsOfRole({ groups }: AwsContext, ...roles: readonly InstanceGroupRole[]): InstanceGroup[] {
  return groups.filter((group) => roles.includes(group.spec.role));
}

/** Pods have IPv6 addresses only; nodes get one each. */
export function isIpv6Only({ spec }: AwsContext): boolean {
  return spec.nonMasqueradeCIDR === '::/0';
}

export function usesNoDns({ spec }: AwsContext): boolean {
  return (spec.topology?.dns?.type ?? 'None') === 'None';
}

export function usesApiLoadBalancer({ spec }: AwsContext): boolean {
  return spec.api?.loadBalancer !== undefined;
}
