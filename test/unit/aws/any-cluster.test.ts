import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { terraformForms } from '../../../providers/aws/terraform/index.ts';
import { awsTerraform } from '../../../providers/aws/terraform/target.ts';
import { type DesiredResource, refsIn, resourceKey } from '../../../src/cloud/resource.ts';
import { renderTerraform, type TerraformFiles } from '../../../src/plan/terraform/render-terraform.ts';
import { modelOf, type Wish } from './model-of.ts';

const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
const networks = [{ cni: {} }, { calico: {} }, { amazonvpc: {} }, { kuberouter: {} }, { cilium: { etcdManaged: true } }, { kubenet: {} }];

const shape = fc.record({
  label: fc.string({ unit: fc.constantFrom(...'abcdefghij'), minLength: 1, maxLength: 60 }),
  zones: fc.integer({ min: 1, max: 3 }),
  topology: fc.constantFrom('public', 'private', 'ipv6'),
  dns: fc.constantFrom('Public', 'Private', 'None'),
  balancer: fc.constantFrom('Public', 'Internal'),
  certificate: fc.boolean(),
  bastion: fc.boolean(),
  egress: fc.constantFrom(undefined, 'nat-1', 'eipalloc-1', 'tgw-1', 'i-1', 'External'),
  networking: fc.constantFrom(...networks),
  access: fc.subarray(['0.0.0.0/0', '::/0', 'pl-1', 'pl-2', '10.1.0.0/22', '192.0.2.1/32'], { minLength: 0 }),
  overrides: fc.subarray(['sg-1', 'sg-2']),
  shared: fc.boolean(),
});

type Shape = typeof shape extends fc.Arbitrary<infer Value> ? Value : never;

/** A spec that people could write, of the given shape. */
function wishOf(given: Shape): Wish {
  const ipv6 = given.topology === 'ipv6';
  const used = zones.slice(0, given.zones);
  const subnets = used.flatMap((zone, i) => subnetsOf(given, zone, i));
  const inner = subnets.filter(({ type }) => type !== 'Utility').map(({ name }) => name);
  const [first = '', second = first] = given.overrides;
  return {
    name: `${given.label}.example.com`,
    cluster: {
      subnets,
      networking: ipv6 ? { calico: {} } : given.networking,
      ...(ipv6 ? { nonMasqueradeCIDR: '::/0' } : {}),
      ...(given.shared ? { networkID: 'vpc-1' } : {}),
      kubernetesApiAccess: given.access,
      sshAccess: given.access,
      nodePortAccess: given.access,
      topology: { dns: { type: given.dns } },
      api: {
        loadBalancer: { type: given.topology === 'public' ? 'Public' : given.balancer, ...(given.certificate ? { sslCertificate: 'arn:aws:acm:eu-west-1:1:certificate/1' } : {}) },
      },
      etcdClusters: ['main', 'events'].map((name) => ({ name, etcdMembers: [{ name: 'a', instanceGroup: 'cp' }] })),
    },
    controlPlane: { subnets: inner.slice(0, 1), ...(first === '' ? {} : { securityGroupOverride: first }) },
    nodes: { subnets: inner },
    more: {
      ...(second === first ? {} : { others: { role: 'Node', subnets: inner, securityGroupOverride: second } }),
      ...(given.bastion ? { bastions: { role: 'Bastion', subnets: inner.slice(0, 1) } } : {}),
    },
    facts: {
      hostedZones: {
        'example.com': [
          { id: 'Z1', private: false },
          { id: 'Z2', private: true },
        ],
      },
      networks: { 'vpc-1': { cidrs: ['10.1.0.0/16'], internetGatewayId: 'igw-1', egressOnlyInternetGatewayId: 'eigw-1' } },
    },
  };
}

function subnetsOf({ topology, egress }: Shape, zone: string, i: number) {
  const inside = egress === undefined ? {} : { egress };
  const utility = { name: `utility-${zone}`, type: 'Utility', zone, cidr: `10.1.${4 * i}.0/22` };
  if (topology === 'public') return [{ name: zone, type: 'Public', zone, cidr: `10.1.${32 + 16 * i}.0/20` }];
  const inner = { name: zone, type: 'Private', zone, cidr: `10.1.${32 + 16 * i}.0/20`, ...inside };
  if (topology === 'private') return [utility, inner];
  return [utility, { name: zone, type: 'Private', zone, ipv6CIDR: `/64#${2 * i}`, ...inside }, { ...inner, name: `dual-${zone}`, type: 'DualStack', ipv6CIDR: `/64#${2 * i + 1}` }];
}

function asTerraform({ label }: Shape, resources: readonly DesiredResource[]): TerraformFiles {
  const formOf = (kind: string) => terraformForms[kind as keyof typeof terraformForms];
  return renderTerraform({ clusterName: `${label}.example.com`, resources, documents: [], target: awsTerraform('eu-west-1'), formOf });
}

function twice(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}

function attributes(kind: string, resources: readonly DesiredResource[], ...names: readonly string[]): string[] {
  return resources.filter((resource) => resource.kind === kind).map((resource) => JSON.stringify(names.map((name) => resource.attributes[name])));
}

const limits: Record<string, { attribute: string; most: number }> = {
  NetworkLoadBalancer: { attribute: 'loadBalancerName', most: 32 },
  TargetGroup: { attribute: 'targetGroupName', most: 32 },
  IAMRole: { attribute: 'roleName', most: 64 },
  SecurityGroup: { attribute: 'groupName', most: 255 },
};

describe('whatever the cluster', () => {
  it('its resources can be made, and written as Terraform: no name, route, association or rule twice, no name too long, no reference to nothing', () => {
    fc.assert(
      fc.property(shape, (given) => {
        const resources = modelOf(wishOf(given));
        const keys = new Set(resources.map(resourceKey));
        const rule = ['groupId', 'type', 'protocol', 'fromPort', 'toPort', 'cidrBlock', 'ipv6CidrBlock', 'prefixListId', 'sourceGroupId'];
        const tooLong = resources.filter(({ kind, attributes: own }) => String(own[limits[kind]?.attribute ?? '']).length > (limits[kind]?.most ?? Number.POSITIVE_INFINITY));
        expect({
          names: twice(resources.map(resourceKey)),
          routes: twice(attributes('Route', resources, 'routeTableId', 'destinationCidrBlock', 'destinationIpv6CidrBlock')),
          associations: twice(attributes('RouteTableAssociation', resources, 'subnetId')),
          rules: twice(attributes('SecurityGroupRule', resources, ...rule)),
          tooLong,
          nothing: resources.flatMap((resource) => refsIn(resource.attributes).filter(({ $ref }) => !keys.has(resourceKey($ref)))),
        }).toEqual({ names: [], routes: [], associations: [], rules: [], tooLong: [], nothing: [] });
        expect(modelOf(wishOf(given))).toEqual(resources);
        const files = asTerraform(given, resources);
        expect(Object.keys(JSON.parse(String(files.get('kubernetes.tf.json'))).resource).length).toBeGreaterThan(10);
        expect(asTerraform(given, [...resources].reverse()).get('kubernetes.tf.json')).toBe(files.get('kubernetes.tf.json'));
      }),
      { numRuns: 150 },
    );
  });
});
