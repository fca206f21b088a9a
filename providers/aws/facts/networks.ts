import type { RouteTable } from '@aws-sdk/client-ec2';
import type { Facts } from '../../../src/cloud/provider.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages } from '../api/parallel.ts';

type Answers<Name extends keyof Facts> = NonNullable<Facts[Name]>;

/** By id, with the gateways that are attached. Ids that do not exist have no answer. */
export async function lookUpNetworks(aws: AwsApi, ids: readonly string[], abortSignal: AbortSignal): Promise<Answers<'networks'>> {
  const ec2 = await aws.service('ec2');
  const [vpcs, gateways, egressOnly] = await Promise.all([
    ec2.describeVpcs({ Filters: [{ Name: 'vpc-id', Values: [...ids] }] }, { abortSignal }),
    ec2.describeInternetGateways({ Filters: [{ Name: 'attachment.vpc-id', Values: [...ids] }] }, { abortSignal }),
    // This call has no filter for the network.
    allPages(async (NextToken) => {
      const page = await ec2.describeEgressOnlyInternetGateways({ NextToken }, { abortSignal });
      return { items: page.EgressOnlyInternetGateways, next: page.NextToken };
    }),
  ]);
  const attached = <Gateway extends { Attachments?: { VpcId?: string | undefined }[] | undefined }>(all: readonly Gateway[] | undefined, id: string | undefined) =>
    all?.find(({ Attachments }) => Attachments?.some(({ VpcId }) => VpcId === id));
  const answers = (vpcs.Vpcs ?? []).map(({ VpcId, CidrBlock, CidrBlockAssociationSet }) => {
    const others = (CidrBlockAssociationSet ?? []).flatMap((block) =>
      block.CidrBlock === CidrBlock || block.CidrBlockState?.State !== 'associated' ? [] : (block.CidrBlock ?? []),
    );
    const internetGatewayId = attached(gateways.InternetGateways, VpcId)?.InternetGatewayId;
    const egressOnlyInternetGatewayId = attached(egressOnly, VpcId)?.EgressOnlyInternetGatewayId;
    const ways = { ...(internetGatewayId ? { internetGatewayId } : {}), ...(egressOnlyInternetGatewayId ? { egressOnlyInternetGatewayId } : {}) };
    return [VpcId, { cidrs: [CidrBlock, ...others], ...ways }];
  });
  return Object.fromEntries(answers);
}

/** By id, with the route table that each uses: its own, or the network's main one. */
export async function lookUpSubnets(aws: AwsApi, ids: readonly string[], abortSignal: AbortSignal): Promise<Answers<'subnets'>> {
  const ec2 = await aws.service('ec2');
  const subnets = (await ec2.describeSubnets({ Filters: [{ Name: 'subnet-id', Values: [...ids] }] }, { abortSignal })).Subnets ?? [];
  const networks = [...new Set(subnets.flatMap(({ VpcId }) => VpcId ?? []))];
  const tables = networks.length > 0 ? ((await ec2.describeRouteTables({ Filters: [{ Name: 'vpc-id', Values: networks }] }, { abortSignal })).RouteTables ?? []) : [];
  const answers = subnets.map(({ SubnetId, CidrBlock = '', AvailabilityZone = '', VpcId = '' }) => {
    const table = tables.find((candidate) => uses(candidate, SubnetId)) ?? tables.find((candidate) => candidate.VpcId === VpcId && isMain(candidate));
    return [SubnetId, { cidr: CidrBlock, zone: AvailabilityZone, networkId: VpcId, ...(table?.RouteTableId ? { routeTableId: table.RouteTableId } : {}) }];
  });
  return Object.fromEntries(answers);
}

function uses({ Associations }: RouteTable, subnetId: string | undefined): boolean {
  return Associations?.some(({ SubnetId }) => SubnetId === subnetId) ?? false;
}

function isMain({ Associations }: RouteTable): boolean {
  return Associations?.some(({ Main }) => Main === true) ?? false;
}

/** By id; those that are deleted have no answer. */
export async function lookUpNatGateways(aws: AwsApi, ids: readonly string[], abortSignal: AbortSignal): Promise<Answers<'natGateways'>> {
  const Filter = [
    { Name: 'nat-gateway-id', Values: [...ids] },
    { Name: 'state', Values: ['pending', 'available'] },
  ];
  const { NatGateways = [] } = await (await aws.service('ec2')).describeNatGateways({ Filter }, { abortSignal });
  return Object.fromEntries(
    NatGateways.map(({ NatGatewayId, SubnetId = '', NatGatewayAddresses }) => {
      const allocationId = NatGatewayAddresses?.[0]?.AllocationId;
      return [NatGatewayId, { subnetId: SubnetId, ...(allocationId ? { allocationId } : {}) }];
    }),
  );
}

/** By public address, of those that the account holds. */
export async function lookUpAddresses(aws: AwsApi, addresses: readonly string[], abortSignal: AbortSignal): Promise<Answers<'addresses'>> {
  const { Addresses = [] } = await (await aws.service('ec2')).describeAddresses({ Filters: [{ Name: 'public-ip', Values: [...addresses] }] }, { abortSignal });
  return Object.fromEntries(Addresses.flatMap(({ PublicIp, AllocationId }) => (PublicIp && AllocationId ? [[PublicIp, { allocationId: AllocationId }]] : [])));
}
