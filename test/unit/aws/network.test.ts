import { describe, expect, it } from 'vitest';
import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { attributesOf, clusterName, modelOf, namesOf, type Wish } from './model-of.ts';

const zoneA = { zone: 'eu-west-1a' };
const zoneB = { zone: 'eu-west-1b' };
const outside = { name: 'outside', type: 'Utility', cidr: '10.1.0.0/22', ...zoneA };
const inside = { name: 'inside', type: 'Private', cidr: '10.1.16.0/20', ...zoneA };
const open = { name: 'open', type: 'Public', cidr: '10.1.32.0/20', ...zoneB };

function network(subnets: readonly object[], cluster: object = {}, more: Wish = {}): DesiredResource[] {
  const first = (subnets[0] as { name: string }).name;
  return modelOf({ ...more, cluster: { subnets, ...cluster }, controlPlane: { subnets: [first] }, nodes: { subnets: [first] } });
}

const idOf = (kind: string, name: string) => ({ $ref: { kind, name, output: 'id' } });
const routesOf = (resources: readonly DesiredResource[]) =>
  Object.fromEntries(
    resources
      .filter(({ kind }) => kind === 'Route')
      .map(({ name, attributes: { routeTableId: _, destinationCidrBlock: __, destinationIpv6CidrBlock: ___, ...target } }) => [name, target]),
  );

describe('a network of its own', () => {
  it('is a VPC with its names, its gateway and a block for IPv6', () => {
    const resources = network([open], { additionalNetworkCIDRs: ['10.2.0.0/16'], cloudLabels: { team: 'shop' } });
    expect(attributesOf('VPC', clusterName, resources)).toEqual({
      cidrBlock: '10.1.0.0/16',
      amazonProvidedIpv6CidrBlock: true,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: clusterName, KubernetesCluster: clusterName, [`kubernetes.io/cluster/${clusterName}`]: 'owned', team: 'shop' },
    });
    expect(attributesOf('VPCCIDRBlock', `10.2.0.0/16.${clusterName}`, resources)).toEqual({ vpcId: idOf('VPC', clusterName), cidrBlock: '10.2.0.0/16' });
    const subnets = resources.filter(({ kind }) => kind === 'Subnet');
    expect(subnets.map(({ dependsOn }) => dependsOn)).toEqual(subnets.map(() => [{ kind: 'VPCCIDRBlock', name: `10.2.0.0/16.${clusterName}` }]));
    expect(attributesOf('DHCPOptions', clusterName, resources)).toMatchObject({ domainName: 'eu-west-1.compute.internal', domainNameServers: 'AmazonProvidedDNS' });
    expect(routesOf(resources)).toEqual({ '0.0.0.0/0': { gatewayId: idOf('InternetGateway', clusterName) }, '::/0': { gatewayId: idOf('InternetGateway', clusterName) } });
    expect(namesOf('NatGateway', resources)).toEqual([]);
  });

  it('calls machines of us-east-1 as AWS does', () => {
    const resources = network([{ ...open, zone: 'us-east-1a' }]);
    expect(attributesOf('DHCPOptions', clusterName, resources).domainName).toBe('ec2.internal');
  });

  it('tells load balancer controllers which subnets are theirs', () => {
    const roles = (resources: readonly DesiredResource[], name: string) =>
      Object.keys(attributesOf('Subnet', `${name}.${clusterName}`, resources).tags as object)
        .filter((tag) => tag.startsWith('kubernetes.io/role/') || tag.startsWith('kops.k8s.io/'))
        .sort();
    expect(roles(network([open]), 'open')).toEqual(['kubernetes.io/role/elb', 'kubernetes.io/role/internal-elb']);
    const mixed = network([
      inside,
      outside,
      { ...inside, name: 'two', type: 'DualStack', cidr: '10.1.48.0/20', ipv6CIDR: '/64#2' },
      { ...inside, name: 'far', cidr: '10.1.64.0/20', egress: 'nat-1', ...zoneB },
    ]);
    expect(['inside', 'outside', 'two', 'far'].map((name) => roles(mixed, name))).toEqual([
      [],
      ['kubernetes.io/role/elb'],
      ['kubernetes.io/role/internal-elb'],
      ['kubernetes.io/role/internal-elb'],
    ]);
    const untagged = network([open], { DisableSubnetTags: true });
    expect(Object.keys(attributesOf('Subnet', `open.${clusterName}`, untagged).tags as object)).toEqual(['Name', 'KubernetesCluster', `kubernetes.io/cluster/${clusterName}`]);
    const karpenter = modelOf({
      cluster: { subnets: [open], karpenter: { enabled: true } },
      controlPlane: { subnets: ['open'] },
      nodes: { manager: 'Karpenter', subnets: ['open'] },
    });
    expect(roles(karpenter, 'open')).toContain('kops.k8s.io/instance-group/workers');
  });
});

describe('private subnets', () => {
  const target = (egress?: string) => {
    const resources = network([outside, egress === undefined ? inside : { ...inside, egress }]);
    return { routes: routesOf(resources)['private-eu-west-1a-0.0.0.0/0'], made: [...namesOf('ElasticIP', resources), ...namesOf('NatGateway', resources)] };
  };
  const own = `eu-west-1a.${clusterName}`;

  it.each([
    [undefined, { natGatewayId: idOf('NatGateway', own) }, [own, own]],
    ['eipalloc-1', { natGatewayId: idOf('NatGateway', own) }, [own]],
    ['nat-1', { natGatewayId: 'nat-1' }, []],
    ['tgw-1', { transitGatewayId: 'tgw-1' }, []],
    ['i-1', { instanceId: 'i-1' }, []],
    ['External', undefined, []],
  ])('with egress %s', (egress, route, made) => {
    expect(target(egress)).toEqual({ routes: route, made });
  });

  it('of a zone share one gateway in its utility subnet, and one table; zones do not share', () => {
    const resources = network([
      outside,
      inside,
      { ...inside, name: 'more', cidr: '10.1.48.0/20' },
      { ...outside, name: 'out-b', cidr: '10.1.4.0/22', ...zoneB },
      { ...inside, name: 'in-b', cidr: '10.1.64.0/20', ...zoneB },
    ]);
    expect(namesOf('NatGateway', resources)).toEqual([own, `eu-west-1b.${clusterName}`]);
    expect(attributesOf('NatGateway', own, resources)).toMatchObject({ allocationId: idOf('ElasticIP', own), subnetId: idOf('Subnet', `outside.${clusterName}`) });
    expect(namesOf('RouteTable', resources)).toEqual([clusterName, `private-eu-west-1a.${clusterName}`, `private-eu-west-1b.${clusterName}`]);
    expect(attributesOf('RouteTable', `private-eu-west-1a.${clusterName}`, resources).tags).toMatchObject({ 'kubernetes.io/kops/role': 'private-eu-west-1a' });
    expect(attributesOf('RouteTableAssociation', `private-more.${clusterName}`, resources).routeTableId).toEqual(idOf('RouteTable', `private-eu-west-1a.${clusterName}`));
  });

  it('have gateways and public load balancers that wait for the internet gateway, which nothing in them refers to', () => {
    const waiting = (resources: readonly DesiredResource[]) =>
      resources.filter(({ dependsOn }) => dependsOn?.some(({ kind }) => kind === 'InternetGateway')).map(({ kind, name }) => `${kind} ${name}`);
    const api = (type: string) => ({ api: { loadBalancer: { type, class: 'Network' } } });
    expect(waiting(network([outside, inside], api('Public')))).toEqual([`NatGateway ${own}`, `NetworkLoadBalancer api.${clusterName}`]);
    expect(waiting(network([outside, inside], api('Internal')))).toEqual([`NatGateway ${own}`]);
  });

  it('use an address that somebody holds already', () => {
    const resources = network([outside, { ...inside, publicIP: '192.0.2.7' }], {}, { facts: { addresses: { '192.0.2.7': { allocationId: 'eipalloc-7' } } } });
    expect(namesOf('ElasticIP', resources)).toEqual([]);
    expect(attributesOf('NatGateway', own, resources).allocationId).toBe('eipalloc-7');
  });

  it('have further routes, to whatever their ids say', () => {
    const ids = ['pcx-1', 'i-1', 'nat-1', 'tgw-1', 'igw-1', 'eigw-1'];
    const additionalRoutes = ids.map((id, i) => ({ cidr: `192.168.${i}.0/24`, target: id }));
    const routes = routesOf(network([outside, { ...inside, additionalRoutes: [...additionalRoutes, { cidr: '2001:db8::/32', target: 'eigw-2' }] }]));
    expect(Object.entries(routes).filter(([name]) => name.startsWith('inside.'))).toEqual([
      ['inside.192.168.0.0/24', { vpcPeeringConnectionId: 'pcx-1' }],
      ['inside.192.168.1.0/24', { instanceId: 'i-1' }],
      ['inside.192.168.2.0/24', { natGatewayId: 'nat-1' }],
      ['inside.192.168.3.0/24', { transitGatewayId: 'tgw-1' }],
      ['inside.192.168.4.0/24', { gatewayId: 'igw-1' }],
      ['inside.192.168.5.0/24', { egressOnlyInternetGatewayId: 'eigw-1' }],
      ['inside.2001:db8::/32', { egressOnlyInternetGatewayId: 'eigw-2' }],
    ]);
  });

  it('that cannot share what they say are named', () => {
    expect(() => network([outside, inside, { ...inside, name: 'more', cidr: '10.1.48.0/20', egress: 'nat-1' }])).toThrow(
      'subnets of zone eu-west-1a have different values of egress: none, nat-1',
    );
    expect(() => network([inside])).toThrow('zone eu-west-1a has no Utility subnet for the NAT gateway of its private ones');
  });

  it('whose ways are all somebody else’s need no gateway and no table', () => {
    const resources = network([
      { ...outside, egress: 'External' },
      { ...inside, egress: 'External' },
    ]);
    expect(['InternetGateway', 'RouteTable', 'Route', 'RouteTableAssociation', 'NatGateway'].flatMap((kind) => namesOf(kind, resources))).toEqual([]);
    expect(namesOf('Subnet', resources)).toHaveLength(2);
  });
});

describe('a network with IPv6', () => {
  const ipv6 = { nonMasqueradeCIDR: '::/0', podCIDR: '::/0', serviceClusterIPRange: 'fd00:5e4f:ce::/108', networking: { calico: {} } };
  const { cidr: _, ...bare } = inside;

  it('has private subnets without IPv4, which reach it by translation and the rest by an egress-only gateway', () => {
    const resources = network([outside, { ...bare, ipv6CIDR: '/64#a' }], ipv6);
    expect(attributesOf('Subnet', `inside.${clusterName}`, resources)).toMatchObject({
      ipv6CidrBlock: '/64#a',
      ipv6Native: true,
      enableDns64: true,
      assignIpv6AddressOnCreation: true,
      enableResourceNameDnsAAAARecordOnLaunch: true,
    });
    expect(attributesOf('Subnet', `inside.${clusterName}`, resources)).not.toHaveProperty('enableResourceNameDnsARecordOnLaunch');
    const nat = { natGatewayId: idOf('NatGateway', `eu-west-1a.${clusterName}`) };
    expect(routesOf(resources)).toMatchObject({
      'private-eu-west-1a-0.0.0.0/0': nat,
      'private-eu-west-1a-64:ff9b::/96': nat,
      'private-eu-west-1a-::/0': { egressOnlyInternetGatewayId: idOf('EgressOnlyInternetGateway', clusterName) },
    });
  });

  it('gives public subnets a table for their zone, with translation', () => {
    const resources = network([{ ...open, ipv6CIDR: '/64#0' }], ipv6);
    const nat = { natGatewayId: idOf('NatGateway', `eu-west-1b.${clusterName}`) };
    const internet = { gatewayId: idOf('InternetGateway', clusterName) };
    expect(routesOf(resources)).toMatchObject({ 'public-eu-west-1b-0.0.0.0/0': internet, 'public-eu-west-1b-::/0': internet, 'public-eu-west-1b-64:ff9b::/96': nat });
    expect(attributesOf('NatGateway', `eu-west-1b.${clusterName}`, resources).subnetId).toEqual(idOf('Subnet', `open.${clusterName}`));
    expect(attributesOf('RouteTableAssociation', `public-open.${clusterName}`, resources).routeTableId).toEqual(idOf('RouteTable', `public-eu-west-1b.${clusterName}`));
  });
});

describe('a network that exists', () => {
  const shared = { networkID: 'vpc-1' };
  const gateways = { facts: { networks: { 'vpc-1': { cidrs: ['10.1.0.0/16'], internetGatewayId: 'igw-9' } } } };

  it('stays as it is; subnets of our own are routed to its gateway', () => {
    const resources = network([open], shared, gateways);
    expect(['VPC', 'DHCPOptions', 'InternetGateway'].flatMap((kind) => namesOf(kind, resources))).toEqual([]);
    expect(routesOf(resources)).toEqual({ '0.0.0.0/0': { gatewayId: 'igw-9' }, '::/0': { gatewayId: 'igw-9' } });
    expect(attributesOf('Subnet', `open.${clusterName}`, resources).vpcId).toBe('vpc-1');
  });

  it('without the gateway that is needed is named; a preview that asks nobody goes on', () => {
    expect(() => network([open], shared, { facts: { networks: { 'vpc-1': { cidrs: ['10.1.0.0/16'] } } } })).toThrow('network vpc-1 lacks an internet gateway');
    expect(routesOf(network([open], shared))['0.0.0.0/0']).toEqual({ gatewayId: 'an internet gateway of vpc-1' });
  });

  it('with subnets that exist is not touched at all', () => {
    const subnets = [
      { ...inside, id: 'subnet-1' },
      { ...outside, id: 'subnet-2' },
    ];
    const resources = network(subnets, shared, gateways);
    expect(['VPC', 'Subnet', 'RouteTable', 'Route', 'RouteTableAssociation', 'NatGateway', 'ElasticIP'].flatMap((kind) => namesOf(kind, resources))).toEqual([]);
    expect(attributesOf('AutoscalingGroup', `workers.${clusterName}`, resources).subnetIds).toEqual(['subnet-1']);
    expect(attributesOf('NetworkLoadBalancer', `api.${clusterName}`, resources).subnetMappings).toEqual([{ subnetId: 'subnet-2' }]);
  });
});
