import type { TerraformExpression, TerraformTarget, TerraformValue } from '../../../src/cloud/provider.ts';
import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import { accountTags, clusterTag, routeTableTag } from '../model/tags.ts';
import { terraformName } from './form.ts';

type Outputs = Record<string, TerraformValue>;

/** Undefined for a network without a block. */
const lengthOfBlock: TerraformExpression = {
  $expression: 'local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\\\d+)", local.vpc_ipv6_cidr_block)[0])',
};

/** What a configuration for AWS has beside the cluster's resources; outputs are named as kops names them. */
export function awsTerraform(region: string, regionOfBucket?: (bucket: string) => Promise<string | undefined>): TerraformTarget {
  return {
    provider: 'aws',
    source: 'hashicorp/aws',
    version: '>= 5.0.0',
    configuration: { region },
    documentStore: async (resources) => {
      const file = resources.find(({ kind }) => kind === 'ManagedFile');
      const other = file && (await regionOfBucket?.(String(file.attributes.bucket)));
      return other === undefined || other === region ? undefined : { region: other };
    },
    data,
    outputs: (resources) => ({ region, ...vpcOutputs(resources), ...networkOutputs(resources), ...machineOutputs(resources) }),
  };
}

type DataSources = Record<string, Record<string, Record<string, TerraformValue>>>;

/** A network that exists, and instances that are somebody's way out: routes want their network interface. */
function data(resources: readonly DesiredResource[]): DataSources {
  const network = sharedNetwork(resources);
  const instances = [...new Set(resources.flatMap(({ kind, attributes }) => (kind === 'Route' && typeof attributes.instanceId === 'string' ? attributes.instanceId : [])))];
  return {
    ...(network ? { aws_vpc: { [network.name]: { id: network.id } } } : {}),
    ...(instances.length > 0 ? { aws_instance: Object.fromEntries(instances.map((id) => [id, { instance_id: id }])) } : {}),
  };
}

/** Everything in a network names it; the cluster's own is a resource itself. */
function sharedNetwork(resources: readonly DesiredResource[]): { id: string; name: string } | undefined {
  for (const { attributes } of resources) {
    const cluster = (attributes.tags as Record<string, string> | undefined)?.[clusterTag];
    if (typeof attributes.vpcId === 'string' && cluster !== undefined) return { id: attributes.vpcId, name: terraformName(cluster) };
  }
  return undefined;
}

function vpcOutputs(resources: readonly DesiredResource[]): Outputs {
  const own = resources.find(({ kind }) => kind === 'VPC');
  const shared = sharedNetwork(resources);
  const attribute = (output: string, argument: string): TerraformValue => (own ? ref('VPC', own.name, output) : { $expression: `data.aws_vpc.${shared?.name}.${argument}` });
  if (!own && !shared) return {};
  return {
    vpc_id: own ? ref('VPC', own.name) : (shared?.id ?? ''),
    vpc_cidr_block: attribute('cidrBlock', 'cidr_block'),
    vpc_ipv6_cidr_block: attribute('ipv6CidrBlock', 'ipv6_cidr_block'),
    vpc_ipv6_cidr_length: lengthOfBlock,
  };
}

function networkOutputs(resources: readonly DesiredResource[]): Outputs {
  const outputs: Outputs = {};
  for (const { kind, name, attributes } of resources) {
    const id = ref(kind, name);
    if (kind === 'Subnet') outputs[`subnet_${withoutCluster(name)}_id`] = id;
    if (kind === 'RouteTable') outputs[`route_table_${(attributes.tags as Record<string, string>)[routeTableTag]}_id`] = id;
    if (kind === 'IAMOIDCProvider') {
      outputs.iam_openid_connect_provider_arn = ref(kind, name, 'arn');
      outputs.iam_openid_connect_provider_issuer = String(attributes.url).replace(/^\w+:\/\//, '');
    }
  }
  return outputs;
}

/** By role: who wants to reach the machines or give them more rights. */
function machineOutputs(resources: readonly DesiredResource[]): Outputs {
  const lists: Record<string, TerraformValue[]> = {};
  const outputs: Outputs = {};
  for (const { kind, name, attributes } of resources) {
    const tags = attributes.tags as Record<string, string>;
    if (kind === 'IAMRole') {
      const owner = ownerOfRole(name, tags);
      Object.assign(outputs, { [`${owner}_role_arn`]: ref(kind, name, 'arn'), [`${owner}_role_name`]: ref(kind, name) });
    }
    if (kind === 'LaunchTemplate') {
      const { securityGroupIds } = attributes.networkInterface as unknown as { securityGroupIds: readonly TerraformValue[] };
      for (const id of securityGroupIds) add(lists, `${roleOfGroup(tags)}_security_group_ids`, id);
    }
    if (kind === 'AutoscalingGroup') {
      const role = roleOfGroup(tags);
      add(lists, `${role}_autoscaling_group_ids`, ref(kind, name));
      if (role === 'node') for (const subnet of attributes.subnetIds as TerraformValue[]) add(lists, 'node_subnet_ids', subnet);
    }
  }
  const sorted = Object.entries(lists).map(([name, list]) => [name, [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))]);
  return { ...outputs, ...Object.fromEntries(sorted) };
}

/** `masters`, or an account by its namespace and name: `kube-system-dns-controller`. */
function ownerOfRole(name: string, tags: Readonly<Record<string, string>>): string {
  const account = tags[accountTags.name];
  return account === undefined ? (name.split('.')[0] ?? name) : `${tags[accountTags.namespace]}-${account}`.toLowerCase();
}

function roleOfGroup(tags: Readonly<Record<string, string>>): string {
  return ['master', 'apiserver', 'api-server', 'bastion'].find((role) => tags[`k8s.io/role/${role}`] === '1')?.replace('api-server', 'apiserver') ?? 'node';
}

function add(lists: Record<string, TerraformValue[]>, name: string, value: TerraformValue): void {
  const list = lists[name] ?? [];
  if (!list.some((item) => JSON.stringify(item) === JSON.stringify(value))) list.push(value);
  lists[name] = list;
}

/** Names of subnets have no dots; the cluster's name follows. */
function withoutCluster(name: string): string {
  return name.split('.')[0] ?? name;
}
