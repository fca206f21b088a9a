import { describe, it } from 'vitest';
import { expectRule, type Fields, type RuleCase } from './rule-case.ts';

const node = (fields: Fields) => ({ node: fields });
const volume = { device: '/dev/sdb', size: 1 };
const mount = { device: '/dev/sdb', path: '/x', filesystem: 'ext4' };
const data = { name: 'x', content: 'y', type: 'text/x-shellscript' };
const targetGroup = 'arn:aws:elasticloadbalancing:us-test-1:123456789012:targetgroup/my-tg/0123456789abcdef';
const rolling = (fields: object) => ({ rollingUpdate: fields });
const karpenter = { options: { instanceManager: 'karpenter', discoveryStore: 's3://oidc' } } as const;

const cases: Record<string, RuleCase[]> = {
  'replacing machines': [
    ['a number that is none', 'spec.rollingUpdate.maxUnavailable', { cluster: rolling({ maxUnavailable: '-1' }) }, { cluster: rolling({ maxUnavailable: '25%' }) }],
    ['a surge of control planes', 'spec.rollingUpdate.maxSurge', { controlPlane: rolling({ maxSurge: 1 }) }, { controlPlane: rolling({ maxSurge: 0, maxUnavailable: 1 }) }],
    ['nothing that may ever go', 'spec.rollingUpdate.maxSurge', node(rolling({ maxSurge: 0, maxUnavailable: 0 })), node(rolling({ maxSurge: 1, maxUnavailable: 0 }))],
  ],
  'warm pools': [
    ['less than none', 'spec.warmPool.minSize', { cluster: { warmPool: { minSize: -1 } } }, { cluster: { warmPool: { minSize: 1 } } }],
    ['most below least', 'spec.warmPool.maxSize', node({ warmPool: { minSize: 3, maxSize: 2 } }), node({ warmPool: { minSize: 2, maxSize: 2 } })],
    ['images for all groups', 'spec.warmPool.additionalImages', { cluster: { warmPool: { additionalImages: ['x'] } } }, node({ warmPool: { additionalImages: ['x'] } })],
    ['of control planes', 'spec.warmPool', { controlPlane: { warmPool: {} } }, { controlPlane: { warmPool: { maxSize: 0 } } }],
    ['of spot machines', 'spec.warmPool', node({ warmPool: {}, maxPrice: '0.1' }), node({ maxPrice: '0.1' })],
  ],
  'groups and their sizes': [
    ['no control plane', 'spec', { without: ['Master'], cluster: {} }, {}],
    [
      'no workers, where a bastion is no worker',
      'spec',
      { options: { topology: 'private', bastion: true }, without: ['Node'] },
      { options: { topology: 'private', bastion: true } },
    ],
    ['two machines in a control plane group', 'spec.minSize', { controlPlane: { minSize: 2, maxSize: 2 } }, {}],
    ['most below least', 'spec.maxSize', node({ minSize: 3, maxSize: 2 }), node({ minSize: 2, maxSize: 2 })],
    ['no subnet', 'spec.subnets', { controlPlane: { subnets: [] } }, {}],
    ['a subnet that is not there', 'spec.subnets[0]', node({ subnets: ['us-test-1b'] }), node({ subnets: ['us-test-1a'] })],
    ['a zone without a subnet', 'spec.zones[0]', node({ zones: ['us-test-1b'] }), node({ zones: ['us-test-1a'] })],
    ['a taint that is none', 'spec.taints[0]', node({ taints: ['gpu'] }), node({ taints: ['gpu=true:NoSchedule'] })],
    ['a taint given twice', 'spec.taints[1]', node({ taints: ['a=b:NoSchedule', 'a=c:NoSchedule'] }), node({ taints: ['a=b:NoSchedule', 'a=b:NoExecute'] })],
    ['a label with two slashes', 'spec.nodeLabels["a/b/c"]', node({ nodeLabels: { 'a/b/c': '' } }), node({ nodeLabels: { 'a/b': '' } })],
    ['a label that is ours', 'spec.cloudLabels["KubernetesCluster"]', node({ cloudLabels: { KubernetesCluster: 'x' } }), node({ cloudLabels: { Team: 'x' } })],
    ['API servers without DNS', 'spec.role', { options: { apiServerCount: 1 } }, { options: { apiServerCount: 1, dns: 'public' } }],
  ],
  'disks and data': [
    ['a root disk of no type', 'spec.rootVolumeType', node({ rootVolumeType: 'gp4' }), node({ rootVolumeType: 'io2' })],
    ['no operations a second', 'spec.rootVolumeIops', node({ rootVolumeIops: 0 }), node({ rootVolumeIops: 4000 })],
    ['no throughput', 'spec.rootVolumeThroughput', node({ rootVolumeThroughput: -1 }), node({ rootVolumeThroughput: 200 })],
    ['a disk without a device', 'spec.volumes[0].device', node({ volumes: [{ size: 1 }] }), node({ volumes: [volume] })],
    ['a disk without a size', 'spec.volumes[0].size', node({ volumes: [{ device: '/dev/sdb' }] }), node({ volumes: [volume] })],
    ['a disk of no type', 'spec.volumes[0].type', node({ volumes: [{ ...volume, type: 'ssd' }] }), node({ volumes: [{ ...volume, type: 'gp2' }] })],
    ['the same device twice', 'spec.volumes[1].device', node({ volumes: [volume, volume] }), node({ volumes: [volume, { ...volume, device: '/dev/sdc' }] })],
    ['a file system nobody has', 'spec.volumeMounts[0].filesystem', node({ volumeMounts: [{ ...mount, filesystem: 'ntfs' }] }), node({ volumeMounts: [mount] })],
    ['two disks in one place', 'spec.volumeMounts[1].path', node({ volumeMounts: [mount, mount] }), node({ volumeMounts: [mount, { ...mount, path: '/y' }] })],
    ['user data without a name', 'spec.additionalUserData[0].name', node({ additionalUserData: [{ ...data, name: '' }] }), node({ additionalUserData: [data] })],
    ['user data of no type', 'spec.additionalUserData[0].type', node({ additionalUserData: [{ ...data, type: 'text/plain' }] }), node({ additionalUserData: [data] })],
  ],
  machines: [
    ['an image that is none', 'spec.image', node({ image: 'a b:c' }), node({ image: 'ami-0123abcd' })],
    ['an image for others', 'spec.image', node({ image: 'x/ubuntu-noble-24.04-arm64-server' }), node({ image: 'x/ubuntu-noble-24.04-amd64-server' })],
    [
      'an image for others, the other way round',
      'spec.image',
      node({ machineType: 'm6g.xlarge', image: 'ubuntu-amd64' }),
      node({ machineType: 'm6g.xlarge', image: 'ubuntu-arm64' }),
    ],
    ['a type nobody sells', 'spec.machineType', node({ machineType: 't2.medum' }), node({ machineType: 't2.medium' })],
    [
      'a type nobody sells among others',
      'spec.mixedInstancesPolicy.instances[1]',
      node({ mixedInstancesPolicy: { instances: ['t2.medium', 't9.medium'] } }),
      node({ mixedInstancesPolicy: { instances: ['t2.medium', 't3.medium'] } }),
    ],
    [
      'types of two architectures',
      'spec.mixedInstancesPolicy.instances',
      node({ mixedInstancesPolicy: { instances: ['t2.medium', 'm6g.xlarge'] } }),
      node({ mixedInstancesPolicy: { instances: ['c5.large'] } }),
    ],
    [
      'types with graphics and without',
      'spec.mixedInstancesPolicy.instances',
      node({ mixedInstancesPolicy: { instances: ['t2.medium', 'g4dn.xlarge'] } }),
      node({ machineType: 'g4dn.xlarge' }),
    ],
    [
      'more on demand than there are',
      'spec.mixedInstancesPolicy.onDemandBase',
      node({ mixedInstancesPolicy: { onDemandBase: 2 } }),
      node({ mixedInstancesPolicy: { onDemandBase: 1 } }),
    ],
    [
      'more than all on demand',
      'spec.mixedInstancesPolicy.onDemandAboveBase',
      node({ mixedInstancesPolicy: { onDemandAboveBase: 101 } }),
      node({ mixedInstancesPolicy: { onDemandAboveBase: 0 } }),
    ],
    [
      'a strategy that is none',
      'spec.mixedInstancesPolicy.spotAllocationStrategy',
      node({ mixedInstancesPolicy: { spotAllocationStrategy: 'cheapest' } }),
      node({ mixedInstancesPolicy: { spotAllocationStrategy: 'price-capacity-optimized' } }),
    ],
    ['a tenancy that is none', 'spec.tenancy', node({ tenancy: 'shared' }), node({ tenancy: 'host' })],
    ['spot for half an hour', 'spec.spotDurationInMinutes', node({ spotDurationInMinutes: 90 }), node({ spotDurationInMinutes: 120 })],
    ['an end that is none', 'spec.instanceInterruptionBehavior', node({ instanceInterruptionBehavior: 'pause' }), node({ instanceInterruptionBehavior: 'hibernate' })],
    ['credits that are none', 'spec.cpuCredits', node({ cpuCredits: 'free' }), node({ cpuCredits: 'unlimited' })],
    ['tokens that are none', 'spec.instanceMetadata.httpTokens', node({ instanceMetadata: { httpTokens: 'no' } }), node({ instanceMetadata: { httpTokens: 'optional' } })],
    [
      'too many hops',
      'spec.instanceMetadata.httpPutResponseHopLimit',
      node({ instanceMetadata: { httpPutResponseHopLimit: 65 } }),
      node({ instanceMetadata: { httpPutResponseHopLimit: 64 } }),
    ],
    ['a life of an hour', 'spec.maxInstanceLifetime', node({ maxInstanceLifetime: '1h' }), node({ maxInstanceLifetime: '48h20m' })],
    ['a life of words', 'spec.maxInstanceLifetime', node({ maxInstanceLifetime: 'long' }), node({ maxInstanceLifetime: '0' })],
    ['a profile that is none', 'spec.iam.profile', node({ iam: { profile: 'nodes' } }), node({ iam: { profile: 'arn:aws:iam::123456789012:instance-profile/nodes' } })],
    ['a security group that is none', 'spec.securityGroupOverride', node({ securityGroupOverride: 'web' }), node({ securityGroupOverride: 'sg-1' })],
    ['a further one that is none', 'spec.additionalSecurityGroups[0]', node({ additionalSecurityGroups: ['web'] }), node({ additionalSecurityGroups: ['sg-1'] })],
  ],
  'load balancers of others': [
    [
      'a long name',
      'spec.externalLoadBalancers[0].loadBalancerName',
      node({ externalLoadBalancers: [{ loadBalancerName: 'x'.repeat(33) }] }),
      node({ externalLoadBalancers: [{ loadBalancerName: 'x'.repeat(32) }] }),
    ],
    [
      'no target group',
      'spec.externalLoadBalancers[0].targetGroupArn',
      node({ externalLoadBalancers: [{ targetGroupArn: targetGroup.replace('targetgroup', 'loadbalancer') }] }),
      node({ externalLoadBalancers: [{ targetGroupArn: targetGroup }] }),
    ],
    ['neither', 'spec.externalLoadBalancers[0]', node({ externalLoadBalancers: [{}] }), node({ externalLoadBalancers: [] })],
  ],
  Karpenter: [
    ['without Karpenter', 'spec.manager', node({ manager: 'Karpenter' }), karpenter],
    ['for control planes', 'spec.manager', { ...karpenter, controlPlane: { manager: 'Karpenter' } }, karpenter],
    ['for no machine', 'spec.maxSize', { ...karpenter, node: { maxSize: 0 } }, { ...karpenter, node: { maxSize: 5 } }],
    [
      'for a fixed number',
      'spec.minSize',
      { ...karpenter, node: { minSize: 2 } },
      { ...karpenter, node: { minSize: 2 }, cluster: { karpenter: { enabled: true, featureGates: 'StaticCapacity=true' } } },
    ],
  ],
};

describe.each(Object.entries(cases))('rules about %s', (_group, list) => {
  it.each(list)('refuse %s', (...rule) => expectRule(rule));
});
