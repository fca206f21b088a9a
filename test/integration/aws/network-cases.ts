import type { AwsKindName } from '../../../providers/aws/attributes.ts';
import { dhcpOptions, dhcpOptionsAssociation } from '../../../providers/aws/resources/dhcp-options.ts';
import { ebsVolume } from '../../../providers/aws/resources/ebs-volume.ts';
import { elasticIp } from '../../../providers/aws/resources/elastic-ip.ts';
import { egressOnlyInternetGateway, internetGateway } from '../../../providers/aws/resources/internet-gateways.ts';
import { keyPair } from '../../../providers/aws/resources/key-pair.ts';
import { natGateway } from '../../../providers/aws/resources/nat-gateway.ts';
import { route } from '../../../providers/aws/resources/route.ts';
import { routeTable, routeTableAssociation } from '../../../providers/aws/resources/route-tables.ts';
import { securityGroup } from '../../../providers/aws/resources/security-group.ts';
import { securityGroupRule } from '../../../providers/aws/resources/security-group-rule.ts';
import { subnet } from '../../../providers/aws/resources/subnet.ts';
import { vpc } from '../../../providers/aws/resources/vpc.ts';
import { vpcCidrBlock } from '../../../providers/aws/resources/vpc-cidr-block.ts';
import { type AwsWorld, cluster, ownTags } from './compute-world.ts';
import { type Attributes, type KindCase, kindCase, make, more } from './kind-case.ts';
import { publicKey } from './network.ts';

export const networkCaseNames: AwsKindName[] = [
  'VPC',
  'VPCCIDRBlock',
  'DHCPOptions',
  'VPCDHCPOptionsAssociation',
  'InternetGateway',
  'EgressOnlyInternetGateway',
  'Subnet',
  'RouteTable',
  'RouteTableAssociation',
  'ElasticIP',
  'NatGateway',
  'Route',
  'SecurityGroup',
  'SecurityGroupRule',
  'KeyPair',
  'EBSVolume',
];

export async function networkCases(world: AwsWorld): Promise<Record<string, KindCase>> {
  const all = [...(await vpcCases(world)), ...(await subnetCases(world)), ...(await routeCases(world)), ...firewallCases(world), ...otherCases()];
  return Object.fromEntries(all.map((one) => [one.resource.kind, one]));
}

const named = (name: string) => `${name}.${cluster}`;
/** The two states of what changes nothing but its tags. */
const tagsOf = (name: string) => ({ before: { ...ownTags(name), 'kops.k8s.io/shape': 'round' }, after: { ...ownTags(name), ...more } });

function network(name: string, cidrBlock: string): Attributes<'VPC'> {
  return { cidrBlock, amazonProvidedIpv6CidrBlock: true, enableDnsHostnames: true, enableDnsSupport: true, tags: tagsOf(name).before };
}

function options(name: string, domainName: string): Attributes<'DHCPOptions'> {
  return { domainName, domainNameServers: 'AmazonProvidedDNS', tags: tagsOf(name).before };
}

async function vpcCases(world: AwsWorld): Promise<KindCase[]> {
  const { vpcId } = world;
  const [first, second] = [
    await make(world, dhcpOptions, named('first'), options(named('first'), 'ec2.internal')),
    await make(world, dhcpOptions, named('second'), options(named('second'), 'b')),
  ];
  return [
    kindCase(
      vpc,
      named('other'),
      { ...network(named('other'), '10.8.0.0/16'), amazonProvidedIpv6CidrBlock: false },
      [{ enableDnsHostnames: false, tags: tagsOf(named('other')).after }, { amazonProvidedIpv6CidrBlock: true }],
      ['amazonProvidedIpv6CidrBlock'],
    ),
    kindCase(vpcCidrBlock, `10.9.0.0/16.${cluster}`, { vpcId, cidrBlock: '10.9.0.0/16' }),
    kindCase(dhcpOptions, named('third'), options(named('third'), 'c'), [{ tags: tagsOf(named('third')).after }]),
    kindCase(dhcpOptionsAssociation, cluster, { vpcId, dhcpOptionsId: first.id ?? '' }, [{ dhcpOptionsId: second.id ?? '' }]),
    kindCase(egressOnlyInternetGateway, cluster, { vpcId, tags: tagsOf(cluster).before }, [{ tags: tagsOf(cluster).after }]),
  ];
}

/** In a network of their own, which has IPv6 and no gateway. */
async function subnetCases(world: AwsWorld): Promise<KindCase[]> {
  const vpcId = (await make(world, vpc, named('spare'), network(named('spare'), '10.7.0.0/16'))).id ?? '';
  const name = named('spare-us-east-1a');
  const wanted = { vpcId, availabilityZone: 'us-east-1a', cidrBlock: '10.7.1.0/24', ipv6CidrBlock: '/64#1', assignIpv6AddressOnCreation: true, tags: tagsOf(name).before };
  return [
    kindCase(internetGateway, named('spare'), { vpcId, tags: tagsOf(named('spare')).before }, [{ tags: tagsOf(named('spare')).after }]),
    kindCase(subnet, name, { ...wanted, privateDnsHostnameTypeOnLaunch: 'ip-name' }, [
      { assignIpv6AddressOnCreation: false, tags: tagsOf(name).after },
      { assignIpv6AddressOnCreation: true },
      { ipv6CidrBlock: '/64#2' },
    ]),
  ];
}

async function routeCases(world: AwsWorld): Promise<KindCase[]> {
  const { vpcId, subnetIds } = world;
  const table = async (name: string) => (await make(world, routeTable, named(name), { vpcId, tags: tagsOf(named(name)).before })).id ?? '';
  const [one, two] = [await table('one'), await table('two')];
  const gateway = await make(world, internetGateway, cluster, { vpcId, tags: tagsOf(cluster).before });
  const address = async (name: string) => (await make(world, elasticIp, named(name), { domain: 'vpc', tags: tagsOf(named(name)).before })).id ?? '';
  const subnetId = subnetIds[0] ?? '';
  const nat = await make(world, natGateway, named('first'), { allocationId: await address('first'), subnetId, tags: tagsOf(named('first')).before });
  const second = { allocationId: await address('second'), subnetId };
  return [
    kindCase(routeTable, named('three'), { vpcId, tags: tagsOf(named('three')).before }, [{ tags: tagsOf(named('three')).after }]),
    kindCase(routeTableAssociation, named('a'), { routeTableId: one, subnetId }, [{ routeTableId: two }]),
    kindCase(elasticIp, named('third'), { domain: 'vpc', tags: tagsOf(named('third')).before }, [{ tags: tagsOf(named('third')).after }]),
    kindCase(natGateway, named('second'), { ...second, tags: tagsOf(named('second')).before }, [{ tags: tagsOf(named('second')).after }]),
    kindCase(route, 'one-0.0.0.0/0', { routeTableId: one, destinationCidrBlock: '0.0.0.0/0', gatewayId: gateway.id }, [{ gatewayId: undefined, natGatewayId: nat.id }]),
  ];
}

function firewallCases({ vpcId, securityGroupIds }: AwsWorld): KindCase[] {
  const [masters = '', nodes = ''] = securityGroupIds;
  const name = named('bastion');
  const wanted = { groupName: name, description: 'of bastions', vpcId };
  return [
    kindCase(securityGroup, name, { ...wanted, tags: tagsOf(name).before }, [{ tags: tagsOf(name).after }]),
    // Rules do not change: another one takes the place of each.
    kindCase(securityGroupRule, 'kubelet', { groupId: nodes, type: 'ingress', protocol: 'tcp', fromPort: 10250, toPort: 10250, sourceGroupId: masters }, [
      { sourceGroupId: undefined, cidrBlock: '10.0.0.0/8' },
      { type: 'egress', cidrBlock: undefined, ipv6CidrBlock: '::/0' },
    ]),
  ];
}

function otherCases(): KindCase[] {
  const name = named('a.etcd-main');
  const volume = { availabilityZone: 'us-east-1a', size: 20, volumeType: 'gp3', iops: 3000, throughput: 125, encrypted: true };
  const key = `kubernetes.${cluster}-be:3c`;
  return [
    kindCase(keyPair, key, { keyName: key, publicKey, tags: tagsOf(key).before }, [{ tags: tagsOf(key).after }]),
    kindCase(ebsVolume, name, { ...volume, tags: tagsOf(name).before }, [{ tags: tagsOf(name).after }, { size: 40, iops: 4000 }], ['size']),
  ];
}
