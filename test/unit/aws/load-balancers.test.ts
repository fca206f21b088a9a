import { describe, expect, it } from 'vitest';
import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { attributesOf, clusterName, modelOf, namesOf, type Wish } from './model-of.ts';

const subnets = [
  { name: 'inside', type: 'Private', cidr: '10.1.16.0/20', zone: 'eu-west-1a' },
  { name: 'outside', type: 'Utility', cidr: '10.1.0.0/22', zone: 'eu-west-1a' },
  { name: 'in-b', type: 'Private', cidr: '10.1.32.0/20', zone: 'eu-west-1b' },
  { name: 'out-b', type: 'Utility', cidr: '10.1.4.0/22', zone: 'eu-west-1b' },
];
const groups = { controlPlane: { subnets: ['inside'] }, nodes: { subnets: ['inside'] } };
const idOf = (kind: string, name: string) => ({ $ref: { kind, name, output: 'id' } });

function balanced(loadBalancer: object, cluster: object = {}, more: Wish = {}) {
  const resources = modelOf({ ...groups, ...more, cluster: { subnets, api: { loadBalancer: { type: 'Public', ...loadBalancer } }, ...cluster } });
  const listeners = Object.fromEntries(resources.filter(({ kind }) => kind === 'NetworkLoadBalancerListener').map(({ attributes }) => [attributes.port, attributes]));
  return { resources, api: attributesOf('NetworkLoadBalancer', `api.${clusterName}`, resources), listeners };
}

describe('the load balancer before the API', () => {
  it('stands in one subnet of each zone, with 32 characters of its name', () => {
    const { api, listeners, resources } = balanced({});
    expect(api).toMatchObject({ scheme: 'internet-facing', ipAddressType: 'ipv4', crossZone: false, securityGroupIds: [idOf('SecurityGroup', `api-elb.${clusterName}`)] });
    expect(api.subnetMappings).toEqual([{ subnetId: idOf('Subnet', `out-b.${clusterName}`) }, { subnetId: idOf('Subnet', `outside.${clusterName}`) }]);
    expect(api.loadBalancerName).toMatch(/^api-shop-example-com-[0-9a-v]{6}$/);
    expect(api.tags).toMatchObject({ Name: `api.${clusterName}` });
    expect(Object.keys(listeners)).toEqual(['443']);
    const [group] = namesOf('TargetGroup', resources);
    expect(attributesOf('TargetGroup', group ?? '', resources)).toMatchObject({
      port: 443,
      protocol: 'TCP',
      healthCheck: { protocol: 'TCP', intervalSeconds: 10, healthyThresholdCount: 2, unhealthyThresholdCount: 2 },
      deregistrationDelaySeconds: 30,
      connectionTermination: true,
    });
  });

  it('is internal where it is told so, with fixed addresses, logs, groups of the user’s, across zones', () => {
    const { api } = balanced({
      type: 'Internal',
      crossZoneLoadBalancing: true,
      additionalSecurityGroups: ['sg-2', 'sg-1'],
      subnets: [{ name: 'inside' }, { name: 'in-b', privateIPv4Address: '10.1.32.9' }],
      accessLog: { bucket: 'logs', bucketPrefix: 'api' },
    });
    expect(api).toMatchObject({ scheme: 'internal', crossZone: true, accessLog: { bucket: 'logs', bucketPrefix: 'api' } });
    expect(api.subnetMappings).toEqual([
      { subnetId: idOf('Subnet', `in-b.${clusterName}`), privateIPv4Address: '10.1.32.9' },
      { subnetId: idOf('Subnet', `inside.${clusterName}`) },
    ]);
    expect(api.securityGroupIds).toEqual(expect.arrayContaining(['sg-1', 'sg-2', idOf('SecurityGroup', `api-elb.${clusterName}`)]));
    expect(balanced({ subnets: [{ name: 'outside', allocationId: 'eipalloc-1' }] }).api.subnetMappings).toEqual([
      { subnetId: idOf('Subnet', `outside.${clusterName}`), allocationId: 'eipalloc-1' },
    ]);
    expect(balanced({ type: 'Internal' }).api.subnetMappings).toEqual([{ subnetId: idOf('Subnet', `in-b.${clusterName}`) }, { subnetId: idOf('Subnet', `inside.${clusterName}`) }]);
  });

  it('shows a certificate on 443, and lets client certificates through on 8443', () => {
    const { listeners, resources } = balanced({ sslCertificate: 'arn:aws:acm:eu-west-1:1:certificate/1' });
    expect(listeners['443']).toMatchObject({ protocol: 'TLS', certificateArn: 'arn:aws:acm:eu-west-1:1:certificate/1', sslPolicy: 'ELBSecurityPolicy-2016-08' });
    expect(listeners['8443']).toMatchObject({ protocol: 'TCP' });
    expect(listeners['8443']).not.toHaveProperty('certificateArn');
    expect(namesOf('TargetGroup', resources).map((name) => [name.split('-')[0], attributesOf('TargetGroup', name, resources).protocol])).toEqual([
      ['tls', 'TLS'],
      ['tcp', 'TCP'],
    ]);
    expect(balanced({ sslCertificate: 'arn:1', sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' }).listeners['443']).toMatchObject({
      sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    });
  });

  it('leads nodes to kops-controller where no name does, in every zone', () => {
    const { api, listeners, resources } = balanced({}, { topology: { dns: { type: 'None' } } });
    expect(Object.keys(listeners)).toEqual(['443', '3988']);
    expect(api.crossZone).toBe(true);
    const name = namesOf('TargetGroup', resources).find((group) => group.startsWith('kops-controller')) ?? '';
    expect(attributesOf('TargetGroup', name, resources).healthCheck).toMatchObject({ protocol: 'HTTPS', path: '/healthz' });
    const cilium = { networking: { cilium: { etcdManaged: true } }, kubeProxy: { enabled: false }, topology: { dns: { type: 'None' } } };
    expect(Object.keys(balanced({}, cilium).listeners)).toEqual(['443', '3988', '4003']);
    expect(namesOf('DNSRecord', resources)).toEqual([]);
  });

  it('names its subnets in order of their full names', () => {
    const called = subnets.map((subnet) => (subnet.name === 'outside' ? { ...subnet, name: 'out' } : subnet));
    expect(balanced({}, { subnets: called }).api.subnetMappings).toEqual([
      { subnetId: idOf('Subnet', `out-b.${clusterName}`) },
      { subnetId: idOf('Subnet', `out.${clusterName}`) },
    ]);
  });

  it('has addresses of both families where its subnets have', () => {
    const both = subnets.map((subnet, i) => (subnet.type === 'Utility' ? { ...subnet, ipv6CIDR: `/64#${i}` } : subnet));
    expect(balanced({}, { subnets: both }).api.ipAddressType).toBe('dualstack');
    expect(balanced({ type: 'Internal' }, { subnets: both }).api.ipAddressType).toBe('ipv4');
  });

  it('prefers utility subnets, then dual stack, then those of the control plane, then the first name', () => {
    const pick = (...candidates: [string, string][]) => {
      const list = candidates.map(([name, type], i) => ({
        name,
        type,
        cidr: `10.1.${64 + 16 * i}.0/20`,
        zone: 'eu-west-1a',
        ...(type === 'DualStack' ? { ipv6CIDR: `/64#${i}` } : {}),
      }));
      const type = candidates.some(([, kind]) => kind === 'Private' || kind === 'DualStack') ? 'Internal' : 'Public';
      const utility = { name: 'zz', type: 'Utility', cidr: '10.1.0.0/22', zone: 'eu-west-1a' };
      const used = { controlPlane: { subnets: [candidates.at(-1)?.[0]] }, nodes: { subnets: [candidates.at(-1)?.[0]] } };
      return balanced({ type }, { subnets: type === 'Internal' ? [utility, ...list] : list }, used).api.subnetMappings.map(
        ({ subnetId }: { subnetId: { $ref: { name: string } } }) => subnetId.$ref.name.split('.')[0],
      );
    };
    expect(pick(['a', 'Public'], ['b', 'Utility'])).toEqual(['b']);
    expect(pick(['a', 'Private'], ['b', 'Private'])).toEqual(['b']);
    expect(pick(['a', 'DualStack'], ['b', 'Private'])).toEqual(['a']);
    expect(pick(['b', 'Public'], ['a', 'Public'])).toEqual(['a']);
  });
});

describe('the load balancer before bastions', () => {
  const more = { more: { bastions: { role: 'Bastion', subnets: ['inside'] } } };

  it('takes SSH to them, under a name where one is given', () => {
    const topology = { bastion: { bastionPublicName: `ssh.${clusterName}`, loadBalancer: { additionalSecurityGroups: ['sg-1'] } } };
    const { resources, listeners } = balanced({}, { topology }, more);
    expect(attributesOf('NetworkLoadBalancer', `bastion.${clusterName}`, resources)).toMatchObject({
      scheme: 'internet-facing',
      securityGroupIds: ['sg-1', idOf('SecurityGroup', `bastion-elb.${clusterName}`)],
    });
    expect(listeners['22']).toMatchObject({ protocol: 'TCP' });
    expect(namesOf('DNSRecord', resources)).toEqual([`api.${clusterName}`, `api.${clusterName}-AAAA`, `ssh.${clusterName}`, `ssh.${clusterName}-AAAA`]);
  });

  it('is internal where it is told so', () => {
    const { resources } = balanced({}, { topology: { bastion: { loadBalancer: { type: 'Internal' } } } }, more);
    expect(attributesOf('NetworkLoadBalancer', `bastion.${clusterName}`, resources)).toMatchObject({
      scheme: 'internal',
      subnetMappings: [{ subnetId: idOf('Subnet', `in-b.${clusterName}`) }, { subnetId: idOf('Subnet', `inside.${clusterName}`) }],
    });
  });
});

describe('names', () => {
  const facts = {
    hostedZones: {
      'example.com': [
        { id: 'ZPUBLIC', private: false },
        { id: 'ZPRIVATE', private: true, networkIds: ['vpc-other'] },
      ],
    },
  };

  it('of the API are aliases of its load balancer, in the nearest zone', () => {
    const { resources } = balanced({}, {}, { facts });
    expect(attributesOf('DNSRecord', `api.${clusterName}`, resources)).toEqual({
      hostedZoneId: 'ZPUBLIC',
      recordName: `api.${clusterName}`,
      type: 'A',
      alias: {
        dnsName: { $ref: { kind: 'NetworkLoadBalancer', name: `api.${clusterName}`, output: 'dnsName' } },
        hostedZoneId: { $ref: { kind: 'NetworkLoadBalancer', name: `api.${clusterName}`, output: 'hostedZoneId' } },
      },
    });
    const internal = balanced({ type: 'Internal', useForInternalApi: true }, {}, { facts });
    expect(namesOf('DNSRecord', internal.resources)).toEqual(['api.', 'api.internal.'].flatMap((name) => [`${name}${clusterName}`, `${name}${clusterName}-AAAA`]));
  });

  it('of a private zone are seen in the network, which is told to', () => {
    const dns = { topology: { dns: { type: 'Private' } } };
    const { resources } = balanced({}, dns, { facts });
    expect(attributesOf('HostedZoneAssociation', 'example.com', resources)).toEqual({ hostedZoneId: 'ZPRIVATE', vpcId: idOf('VPC', clusterName) });
    const byId = { facts: { hostedZones: { ZPRIVATE: [{ id: 'ZPRIVATE', name: 'example.com', private: true }] } } };
    expect(namesOf('HostedZoneAssociation', balanced({}, { ...dns, dnsZone: 'ZPRIVATE' }, byId).resources)).toEqual(['example.com']);
    const shared = { ...dns, networkID: 'vpc-other' };
    const known = { facts: { ...facts, networks: { 'vpc-other': { cidrs: ['10.1.0.0/16'], internetGatewayId: 'igw-1' } } } };
    const lifecycles = (resources: readonly DesiredResource[]) => resources.filter(({ kind }) => kind === 'HostedZoneAssociation').map(({ lifecycle }) => lifecycle ?? 'Sync');
    expect(lifecycles(resources)).toEqual(['Sync']);
    expect(lifecycles(balanced({}, shared, known).resources)).toEqual(['Ignore']);
  });

  it('need a zone that exists; a preview that asks nobody does without', () => {
    expect(() =>
      balanced({}, { dnsZone: 'example.com', topology: { dns: { type: 'Private' } } }, { facts: { hostedZones: { 'example.com': [{ id: 'Z1', private: false }] } } }),
    ).toThrow('there is no private hosted zone example.com');
    const two = { hostedZones: { 'example.com': ['Z1', 'Z2'].map((id) => ({ id, private: false })) } };
    expect(() => balanced({}, {}, { facts: two })).toThrow('there are 2 hosted zones example.com: Z1, Z2');
    const named = balanced({}, { dnsZone: 'Z0THER' }, { facts: { hostedZones: { Z0THER: [{ id: 'Z0THER', private: false }] } } });
    expect(attributesOf('DNSRecord', `api.${clusterName}`, named.resources).hostedZoneId).toBe('Z0THER');
  });
});
