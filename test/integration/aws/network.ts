import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';

export const clusterName = 'demo.example.com';

export const zones = ['us-east-1a', 'us-east-1b'];

/** A private network with all that EC2 has for it: every kind at least once. */
export function networkResources(inZones: readonly string[] = zones, cluster = clusterName): DesiredResource[] {
  const tags = (name: string, more: Record<string, string> = {}) => ({ Name: name, KubernetesCluster: cluster, [`kubernetes.io/cluster/${cluster}`]: 'owned', ...more });
  const vpcId = ref('VPC', cluster);
  const make = (kind: string, name: string, attributes: DesiredResource['attributes']): DesiredResource => ({ kind, name, attributes });
  const group = (name: string) =>
    make('SecurityGroup', `${name}.${cluster}`, { groupName: `${name}.${cluster}`, description: `for ${name}`, vpcId, tags: tags(`${name}.${cluster}`) });
  const groupId = (name: string) => ref('SecurityGroup', `${name}.${cluster}`);
  return [
    make('VPC', cluster, { cidrBlock: '172.20.0.0/16', amazonProvidedIpv6CidrBlock: true, enableDnsHostnames: true, enableDnsSupport: true, tags: tags(cluster) }),
    make('VPCCIDRBlock', `10.1.0.0/16.${cluster}`, { vpcId, cidrBlock: '10.1.0.0/16' }),
    make('DHCPOptions', cluster, { domainName: 'ec2.internal', domainNameServers: 'AmazonProvidedDNS', tags: tags(cluster) }),
    make('VPCDHCPOptionsAssociation', cluster, { vpcId, dhcpOptionsId: ref('DHCPOptions', cluster) }),
    make('InternetGateway', cluster, { vpcId, tags: tags(cluster) }),
    make('EgressOnlyInternetGateway', cluster, { vpcId, tags: tags(cluster) }),
    make('RouteTable', cluster, { vpcId, tags: tags(cluster, { 'kubernetes.io/kops/role': 'public' }) }),
    make('Route', '0.0.0.0/0', { routeTableId: ref('RouteTable', cluster), destinationCidrBlock: '0.0.0.0/0', gatewayId: ref('InternetGateway', cluster) }),
    make('Route', '::/0', { routeTableId: ref('RouteTable', cluster), destinationIpv6CidrBlock: '::/0', gatewayId: ref('InternetGateway', cluster) }),
    ...inZones.flatMap((zone, i) => zoneResources(cluster, zone, i)),
    group('masters'),
    group('nodes'),
    rule('from-masters-egress-all', { groupId: groupId('masters'), type: 'egress', protocol: '-1', fromPort: 0, toPort: 0, cidrBlock: '0.0.0.0/0' }),
    rule('from-masters-egress-all-ipv6', { groupId: groupId('masters'), type: 'egress', protocol: '-1', fromPort: 0, toPort: 0, ipv6CidrBlock: '::/0' }),
    rule('from-nodes-egress-all', { groupId: groupId('nodes'), type: 'egress', protocol: '-1', fromPort: 0, toPort: 0, cidrBlock: '0.0.0.0/0' }),
    rule('from-nodes-egress-all-ipv6', { groupId: groupId('nodes'), type: 'egress', protocol: '-1', fromPort: 0, toPort: 0, ipv6CidrBlock: '::/0' }),
    rule('from-masters-ingress-all-nodes', { groupId: groupId('nodes'), type: 'ingress', protocol: '-1', fromPort: 0, toPort: 0, sourceGroupId: groupId('masters') }),
    rule('from-nodes-ingress-tcp-1to2379-masters', { groupId: groupId('masters'), type: 'ingress', protocol: 'tcp', fromPort: 1, toPort: 2379, sourceGroupId: groupId('nodes') }),
    rule('icmp-pmtu', { groupId: groupId('masters'), type: 'ingress', protocol: 'icmp', fromPort: 3, toPort: 4, cidrBlock: '0.0.0.0/0' }),
    make('KeyPair', `kubernetes.${cluster}-${fingerprint}`, { keyName: `kubernetes.${cluster}-${fingerprint}`, publicKey, tags: tags(cluster) }),
    make('EBSVolume', `a.etcd-main.${cluster}`, {
      availabilityZone: 'us-east-1a',
      size: 20,
      volumeType: 'gp3',
      iops: 3000,
      throughput: 125,
      encrypted: true,
      tags: tags(`a.etcd-main.${cluster}`, { 'k8s.io/etcd/main': 'a/a' }),
    }),
  ];

  function rule(name: string, attributes: DesiredResource['attributes']): DesiredResource {
    return make('SecurityGroupRule', name, attributes);
  }
}

function zoneResources(cluster: string, zone: string, i: number): DesiredResource[] {
  const tags = (name: string, more: Record<string, string> = {}) => ({ Name: name, KubernetesCluster: cluster, [`kubernetes.io/cluster/${cluster}`]: 'owned', ...more });
  const vpcId = ref('VPC', cluster);
  const subnet = (name: string, cidr: number, type: string): DesiredResource => ({
    kind: 'Subnet',
    name: `${name}.${cluster}`,
    attributes: {
      vpcId,
      availabilityZone: zone,
      cidrBlock: `172.20.${cidr}.0/22`,
      ipv6CidrBlock: `/64#${(cidr / 4).toString(16)}`,
      assignIpv6AddressOnCreation: true,
      privateDnsHostnameTypeOnLaunch: 'ip-name',
      tags: tags(`${name}.${cluster}`, { SubnetType: type }),
    },
  });
  const associate = (name: string, subnetName: string, table: string): DesiredResource => ({
    kind: 'RouteTableAssociation',
    name: `${name}.${cluster}`,
    attributes: { routeTableId: ref('RouteTable', table), subnetId: ref('Subnet', `${subnetName}.${cluster}`) },
  });
  const table = `private-${zone}.${cluster}`;
  const nat = `${zone}.${cluster}`;
  return [
    subnet(zone, 32 + i * 8, 'Private'),
    subnet(`utility-${zone}`, i * 4, 'Utility'),
    { kind: 'ElasticIP', name: nat, attributes: { domain: 'vpc', tags: tags(nat) } },
    { kind: 'NatGateway', name: nat, attributes: { allocationId: ref('ElasticIP', nat), subnetId: ref('Subnet', `utility-${zone}.${cluster}`), tags: tags(nat) } },
    { kind: 'RouteTable', name: table, attributes: { vpcId, tags: tags(table, { 'kubernetes.io/kops/role': `private-${zone}` }) } },
    {
      kind: 'Route',
      name: `private-${zone}-0.0.0.0/0`,
      attributes: { routeTableId: ref('RouteTable', table), destinationCidrBlock: '0.0.0.0/0', natGatewayId: ref('NatGateway', nat) },
    },
    {
      kind: 'Route',
      name: `private-${zone}-::/0`,
      attributes: { routeTableId: ref('RouteTable', table), destinationIpv6CidrBlock: '::/0', egressOnlyInternetGatewayId: ref('EgressOnlyInternetGateway', cluster) },
    },
    associate(`private-${zone}`, zone, table),
    associate(`utility-${zone}`, `utility-${zone}`, cluster),
  ];
}

const fingerprint = 'be:3c:3e:92:7d:2c:4c:1f:0e:2a:4b:5b:6a:83:9f:ce';
export const publicKey =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDGMa7sL9rVqPpFOhs7IAxYzJDfqSFF0NnEIXIpbCuCMxnjGTwm6k3iSUFxmVAtvIVq8OZUSnJ8iiFlV0gFkKD2Jz/wX3cMBaZ3yHVpZhGXrvIjDMAZWBNbwAHqX9A0V7PhL0s4KxBI7UO3vX4Q8F4wIYMsxsl0jrqTLkcyQQVhbw== me@here';
