import type { TerraformTarget, TerraformValue } from '../../../src/cloud/provider.ts';
import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';

type Outputs = Record<string, TerraformValue>;

const publicTable = 'public';

/** What a configuration for AWS has beside the cluster's resources; outputs are named as kops names them. */
export function awsTerraform(region: string): TerraformTarget {
  return {
    provider: 'aws',
    source: 'hashicorp/aws',
    version: '>= 5.0.0',
    configuration: { region },
    outputs: (resources) => ({ region, ...networkOutputs(resources), ...machineOutputs(resources) }),
  };
}

function networkOutputs(resources: readonly DesiredResource[]): Outputs {
  const outputs: Outputs = {};
  for (const { kind, name, attributes } of resources) {
    const id = ref(kind, name);
    if (kind === 'VPC') Object.assign(outputs, { vpc_id: id, vpc_cidr_block: ref(kind, name, 'cidrBlock'), vpc_ipv6_cidr_block: ref(kind, name, 'ipv6CidrBlock') });
    if (kind === 'Subnet') outputs[`subnet_${withoutCluster(name)}_id`] = id;
    if (kind === 'RouteTable') outputs[`route_table_${(attributes.tags as Record<string, string>)['kubernetes.io/kops/role'] ?? publicTable}_id`] = id;
    if (kind === 'RouteTable' || kind === 'Subnet' || kind === 'SecurityGroup') outputs.vpc_id ??= attributes.vpcId as TerraformValue;
  }
  return outputs;
}

/** By role: who wants to reach the machines or give them more rights. */
function machineOutputs(resources: readonly DesiredResource[]): Outputs {
  const roles = { masters: 'master', nodes: 'node', bastion: 'bastion', bastions: 'bastion', apiservers: 'apiserver' };
  const lists: Record<string, TerraformValue[]> = {};
  const outputs: Outputs = {};
  for (const { kind, name, attributes } of resources) {
    const word = name.split('.')[0] as keyof typeof roles;
    if (kind === 'SecurityGroup' && word in roles) add(lists, `${roles[word]}_security_group_ids`, ref(kind, name));
    if (kind === 'IAMRole' && word in roles) Object.assign(outputs, { [`${word}_role_arn`]: ref(kind, name, 'arn'), [`${word}_role_name`]: ref(kind, name) });
    if (kind === 'AutoscalingGroup') {
      const role = roleOfGroup(attributes.tags as Record<string, string>);
      add(lists, `${role}_autoscaling_group_ids`, ref(kind, name));
      for (const subnet of attributes.subnetIds as TerraformValue[]) add(lists, `${role}_subnet_ids`, subnet);
    }
  }
  return { ...outputs, ...lists };
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
