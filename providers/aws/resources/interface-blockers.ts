import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { AwsApi } from '../api/clients.ts';
import { filterValues, inBatches, inParallel } from '../api/parallel.ts';
import { ifThere } from './adopt.ts';
import { blockerText, type FindBlockers } from './blockers.ts';

type Options = Parameters<FindBlockers>[1];

/** Network interfaces with these properties: `{ 'subnet-id': 'subnet-1' }`. Those of instances that end, of load balancers and NAT gateways that are deleted go by themselves. */
export function interfacesWith(filter: Readonly<Record<string, string>>): FindBlockers {
  const Filters = Object.entries(filter).map(([Name, value]) => ({ Name, Values: [value] }));
  return async (aws, options) => {
    const { NetworkInterfaces = [] } = await (await aws.service('ec2')).describeNetworkInterfaces({ Filters }, options);
    const [ending, balancers, gateways] = await Promise.all([
      endingInstances(aws, NetworkInterfaces, options),
      deletedBalancers(aws, NetworkInterfaces, options),
      deletedGateways(aws, NetworkInterfaces, options),
    ]);
    const leaves = (found: NetworkInterface) =>
      isLeaving(found) || ending.has(found.Attachment?.InstanceId ?? '') || balancers.has(balancerOf(found) ?? '') || gateways.has(gatewayOf(found) ?? '');
    return NetworkInterfaces.map((found) => ({ text: describe(found), leaving: leaves(found) }));
  };
}

function isLeaving({ Status, RequesterManaged, Attachment }: NetworkInterface): boolean {
  return Status === 'detaching' || Attachment?.Status === 'detaching' || (RequesterManaged === true && Status === 'available');
}

async function endingInstances(aws: AwsApi, interfaces: readonly NetworkInterface[], options: Options): Promise<Set<string>> {
  const ids = [...new Set(interfaces.flatMap(({ Attachment }) => Attachment?.InstanceId ?? []))];
  const reservations = await inBatches(ids, filterValues, async (Values) => {
    const Filters = [
      { Name: 'instance-id', Values },
      { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
    ];
    return (await (await aws.service('ec2')).describeInstances({ Filters }, options)).Reservations ?? [];
  });
  const staying = new Set(reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId)));
  return new Set(ids.filter((id) => !staying.has(id)));
}

/** The end of the load balancer's ARN: `ELB net/api-demo/0a1b2c` → `net/api-demo/0a1b2c`. */
function balancerOf({ Description }: NetworkInterface): string | undefined {
  return /^ELB ((?:net|app|gwy)\/[^/]+\/[^/]+)$/.exec(Description ?? '')?.[1];
}

/** A load balancer's interfaces outlive it by some minutes, and look as before until then. */
async function deletedBalancers(aws: AwsApi, interfaces: readonly NetworkInterface[], { abortSignal }: Options): Promise<Set<string>> {
  const paths = [...new Set(interfaces.flatMap((found) => balancerOf(found) ?? []))];
  const deleted = await inParallel(paths, async (path) => {
    const Names = [path.split('/')[1] ?? ''];
    const found = await ifThere((await aws.service('elbv2')).describeLoadBalancers({ Names }, { abortSignal }));
    return found?.LoadBalancers?.some(({ LoadBalancerArn }) => LoadBalancerArn?.endsWith(path)) ? [] : [path];
  });
  return new Set(deleted.flat());
}

function gatewayOf({ Description }: NetworkInterface): string | undefined {
  return /^Interface for NAT Gateway (nat-[0-9a-f]+)$/.exec(Description ?? '')?.[1];
}

async function deletedGateways(aws: AwsApi, interfaces: readonly NetworkInterface[], options: Options): Promise<Set<string>> {
  const ids = [...new Set(interfaces.flatMap((found) => gatewayOf(found) ?? []))];
  if (ids.length === 0) return new Set();
  const Filter = [
    { Name: 'nat-gateway-id', Values: ids },
    { Name: 'state', Values: ['pending', 'available'] },
  ];
  const { NatGateways = [] } = await (await aws.service('ec2')).describeNatGateways({ Filter }, options);
  const staying = new Set(NatGateways.map(({ NatGatewayId }) => NatGatewayId));
  return new Set(ids.filter((id) => !staying.has(id)));
}

function describe({ NetworkInterfaceId, Description, Attachment, InterfaceType, OwnerId, RequesterId, TagSet }: NetworkInterface): string {
  const name = TagSet?.find(({ Key }) => Key === 'Name')?.Value;
  const user = Attachment?.InstanceId === undefined ? undefined : `of instance ${Attachment.InstanceId}`;
  const type = InterfaceType === 'interface' ? undefined : InterfaceType;
  return blockerText(NetworkInterfaceId, [name, user, Description, type, `owner ${RequesterId ?? OwnerId ?? 'unknown'}`]);
}
