import { describe, expect, it } from 'vitest';
import { awsCatalog } from '../../../providers/aws/catalog.ts';
import { awsSpec } from '../../../providers/aws/spec.ts';
import type { Cluster } from '../../../src/spec/types.ts';
import { completedOf, findingsOf, type Wish } from './model-of.ts';

describe('defaults of AWS', () => {
  const specOf = (wish: Wish) => completedOf(wish).cluster.spec;

  it('give a cluster names in the nearest hosted zone, unless its name is nobody’s', () => {
    expect(specOf({})).toMatchObject({ topology: { dns: { type: 'Public' } }, dnsZone: 'example.com' });
    expect(specOf({ cluster: { topology: { dns: { type: 'Private' } } } })).not.toHaveProperty('dnsZone');
    const hostedZones = { 'example.com': [{ id: 'Z1', private: true }], 'shop.example.com': [{ id: 'Z2', private: false }] };
    expect(specOf({ facts: { hostedZones } }).dnsZone).toBe('shop.example.com');
    expect(specOf({ facts: { hostedZones }, cluster: { topology: { dns: { type: 'Private' } } } }).dnsZone).toBe('example.com');
    expect(specOf({ name: 'shop.k8s.local' })).toMatchObject({ topology: { dns: { type: 'None' } } });
  });

  it('give a spec that says nothing what kops gives it', () => {
    expect(specOf({})).toMatchObject({
      iam: { allowContainerRegistry: false },
      nodeTerminationHandler: { enabled: true, enableSQSTerminationDraining: true, enableRebalanceDraining: false, managedASGTag: 'aws-node-termination-handler/managed' },
    });
    expect(specOf({ cluster: { karpenter: { enabled: true } } }).nodeTerminationHandler).toEqual({ enabled: false });
  });

  it('open nothing that the spec does not open: kops leaves out empty lists', () => {
    const closed = { cluster: { kubernetesApiAccess: undefined, sshAccess: undefined } };
    expect(specOf(closed)).toMatchObject({ kubernetesApiAccess: [], sshAccess: [] });
    expect(findingsOf(closed)).toEqual(['spec.kubernetesApiAccess: is empty: nobody outside the cluster reaches its API']);
  });

  it('ask nobody about machine types that have no price here: their names tell the architecture', () => {
    const { cluster } = completedOf({ nodes: { machineType: 'm5.large,g4dn.xlarge' } });
    expect(awsSpec.references(cluster)).toEqual({});
    expect(['g4dn.xlarge', 'c8gn.48xlarge', 'a1.medium', 'u-6tb1.metal', 't3.mediun', 'large'].map((name) => awsCatalog.architectureOf?.(name))).toEqual([
      'amd64',
      'arm64',
      'arm64',
      'amd64',
      undefined,
      undefined,
    ]);
  });

  it('ask for everything that exists already, and only then', () => {
    const subnets = [{ name: 'a', type: 'Private', zone: 'eu-west-1a', id: 'subnet-1', cidr: '10.1.0.0/20', egress: 'nat-1' }];
    const nodes = { iam: { profile: 'arn:aws:iam::1:instance-profile/theirs' } };
    expect(awsSpec.modelReferences?.(completedOf({ cluster: { networkID: 'vpc-1', subnets }, nodes }))).toEqual({
      account: true,
      networkIds: ['vpc-1'],
      subnetIds: ['subnet-1'],
      natGatewayIds: ['nat-1'],
      images: ['our/image'],
      machineTypes: ['m5.large'],
      instanceProfiles: ['theirs'],
      hostedZones: ['example.com'],
    });
    expect(awsSpec.modelReferences?.(completedOf({ cluster: { topology: { dns: { type: 'None' } } } }))).toEqual({
      account: true,
      images: ['our/image'],
      machineTypes: ['m5.large'],
    });
    expect(awsSpec.modelReferences?.(completedOf({ name: 'a.b.example.org' })).hostedZones).toEqual(['a.b.example.org', 'b.example.org', 'example.org']);
  });
});

describe('rules of AWS', () => {
  const volume = (settings: object) => ({ volumes: [{ device: '/dev/xvdf', size: 100, ...settings }] });
  const member = (settings: object) => ({ etcdClusters: [{ name: 'main', etcdMembers: [{ name: 'a', instanceGroup: 'cp', ...settings }] }] });
  const wrong: [string, Wish, string][] = [
    ['VPC', { cluster: { networkID: 'net-1' } }, 'spec.networkID: net-1 is not the id of a VPC'],
    ['subnets of nobody', { cluster: { subnets: [{ name: 'a', type: 'Public', zone: 'eu-west-1a', id: 'subnet-1' }] } }, 'spec.networkID: is required'],
    ['a queue’s name', { name: `${'x'.repeat(63)}.${'y'.repeat(12)}.example.com` }, 'metadata.name: the name of the termination handler'],
    ['policy', { cluster: { externalPolicies: { node: ['ReadOnly'] } } }, 'spec.externalPolicies.node[0]: "ReadOnly" is not the ARN of a policy'],
    ['boundary', { cluster: { iam: { permissionsBoundary: 'x' } } }, 'spec.iam.permissionsBoundary: "x" is not the ARN'],
    [
      'etcd IOPS',
      { cluster: member({ volumeType: 'io1', volumeSize: 10, volumeIops: 1000 }) },
      'spec.etcdClusters[0].etcdMembers[0].volumeIops: 1000 IOPS are too many for 10 GB of io1',
    ],
    ['gp3 throughput', { cluster: member({ volumeThroughput: 900 }) }, 'spec.etcdClusters[0].etcdMembers[0].volumeThroughput: 900 MB/s are too many for 3000 IOPS'],
    ['gp3 IOPS', { nodes: { rootVolumeSize: 8, rootVolumeIops: 5000 } }, 'spec.rootVolumeIops: 5000 IOPS are too many for 8 GB of gp3'],
    ['volume IOPS', { nodes: volume({ type: 'io2', iops: 60_000 }) }, 'spec.volumes[0].iops: 60000 IOPS are too many for 100 GB of io2'],
    ['volume IOPS below the least', { nodes: volume({ iops: 100 }) }, 'spec.volumes[0].iops: 100 IOPS are fewer than gp3 has'],
    ['volume throughput that nobody sells', { nodes: volume({ type: 'gp2', throughput: 200 }) }, 'spec.volumes[0].throughput: the throughput of gp2 cannot be chosen'],
    ['volume throughput below the least', { nodes: volume({ throughput: 10 }) }, 'spec.volumes[0].throughput: 10 MB/s are fewer than gp3 has'],
    ['image', { nodes: { image: 'a:b' } }, 'spec.image: a:b is not the name of an image'],
    ['security group', { nodes: { additionalSecurityGroups: ['web'] } }, 'spec.additionalSecurityGroups[0]: "web" is not the id'],
    ['security group instead', { nodes: { securityGroupOverride: 'web' } }, 'spec.securityGroupOverride: "web" is not the id'],
    ['profile', { nodes: { iam: { profile: 'theirs' } } }, 'spec.iam.profile: "theirs" is not the ARN of an instance profile'],
    ['subnets', { nodes: { subnets: ['a', 'inner'] } }, 'spec.subnets: are of different types: Public, Private'],
    ['zones of a control plane', { controlPlane: { subnets: ['a', 'b'] } }, 'spec.subnets: are in zones eu-west-1a, eu-west-1b'],
    ['lifetime', { nodes: { maxInstanceLifetime: '2h' } }, 'spec.maxInstanceLifetime: 2h is less than a day'],
    ['no lifetime', { nodes: { maxInstanceLifetime: 'long' } }, 'spec.maxInstanceLifetime: "long" is not a duration'],
    ['spot for a fixed time', { nodes: { maxPrice: '0.1', spotDurationInMinutes: 60 } }, 'spec.spotDurationInMinutes: EC2 sells no spot instances of a fixed duration'],
    ['spot that comes back', { nodes: { maxPrice: '0.1', instanceInterruptionBehavior: 'stop' } }, 'spec.instanceInterruptionBehavior: stop is for persistent spot requests'],
    ['spot duration', { nodes: { spotDurationInMinutes: 90 } }, 'spec.spotDurationInMinutes: must be 60'],
    ['process', { nodes: { suspendProcesses: ['Lunch'] } }, 'spec.suspendProcesses[0]: "Lunch" is not a process'],
    [
      'types and what they must have',
      { nodes: { mixedInstancesPolicy: { instances: ['m5.large'], instanceRequirements: { cpu: { min: '2' } } } } },
      'spec.mixedInstancesPolicy.instances: cannot be used with instanceRequirements',
    ],
    ['a tag of AWS', { cluster: { cloudLabels: { 'aws:team': 'x' } } }, 'spec.cloudLabels["aws:team"]: AWS keeps tags that begin with aws:'],
    ['a tag that IAM refuses', { nodes: { cloudLabels: { team: 'R&D' } } }, 'spec.cloudLabels["team"]: has characters that no tag of AWS may have'],
    ['a tag that is too long', { cluster: { cloudLabels: { note: 'x'.repeat(257) } } }, 'spec.cloudLabels["note"]: has a value of 257 characters'],
    [
      'a label that is too long for a tag',
      { nodes: { nodeLabels: { [`${'x'.repeat(60)}.example.com/zone-of-the-rack`]: 'a' } } },
      'the tag k8s.io/cluster-autoscaler/node-template/label/xxx',
    ],
    ['warm and spot', { cluster: { warmPool: {} }, nodes: { maxPrice: '1' } }, "spec.warmPool: the cluster's warm pool cannot be used"],
    ['Karpenter', { cluster: { karpenter: { enabled: true } }, more: { free: { role: 'Node', manager: 'Karpenter' } } }, 'spec.manager: kops-ts does not run Karpenter'],
    [
      'tokens that nobody signs',
      { cluster: { iam: { useServiceAccountExternalPermissions: true } } },
      'spec.serviceAccountIssuerDiscovery: roles of service accounts are made, but',
    ],
  ];
  it.each(wrong)('%s', (_name, wish, expected) => {
    expect(findingsOf(wish)).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['file:///tmp/x', 'instances cannot read file:///tmp/x'],
    ['memory://x', 'instances cannot read memory://x'],
    [undefined, 'is required'],
  ])('is not made with its documents at %s', (configBase, expected) => {
    const { cluster } = completedOf();
    const spec = { ...cluster.spec, configBase };
    expect(awsSpec.validateApply?.({ ...cluster, spec } as Cluster)).toEqual([
      expect.objectContaining({ severity: 'error', path: 'spec.configBase', message: expect.stringContaining(expected) }),
    ]);
    expect(awsSpec.validateApply?.({ ...cluster, spec: { ...spec, configBase: 's3://bucket/x' } })).toEqual([]);
    expect(awsSpec.validate(completedOf({ cluster: { configBase } }))).toEqual([]);
  });

  it('a profile is for one role', () => {
    const iam = { profile: 'arn:aws:iam::1:instance-profile/all' };
    expect(findingsOf({ controlPlane: { iam }, nodes: { iam } })).toEqual([expect.stringContaining('is used by instance groups of roles Master and Node')]);
    expect(findingsOf({ nodes: { iam }, more: { others: { role: 'Node', iam } } })).toEqual([]);
  });

  it('find nothing wrong with what is usual', () => {
    const nodes = {
      rootVolumeIops: 4000,
      rootVolumeThroughput: 200,
      maxInstanceLifetime: '0',
      mixedInstancesPolicy: { instances: ['m5.large', 'm5a.large'] },
      maxPrice: '0.1',
      subnets: ['a', 'b'],
    };
    expect(findingsOf({ nodes, cluster: { additionalPolicies: { node: '[]' } } })).toEqual([]);
  });
});
