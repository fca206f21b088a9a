import { describe, expect, it } from 'vitest';
import { ref } from '../../../src/cloud/resource.ts';
import { attributesOf, clusterName, modelOf, namesOf, templateOf } from './model-of.ts';

const group = (name: string) => ref('SecurityGroup', `${name}.${clusterName}`);

describe('disks of a launch template', () => {
  const root = { deleteOnTermination: true, encrypted: true, volumeSize: 128 };
  const roots: [string, Record<string, unknown>, object][] = [
    ['gp3 by default', {}, { ...root, volumeType: 'gp3', iops: 3000, throughput: 125 }],
    ['gp3 is not sold below its minimum', { rootVolumeIops: 100, rootVolumeThroughput: 10 }, { ...root, volumeType: 'gp3', iops: 3000, throughput: 125 }],
    ['gp3 with more', { rootVolumeIops: 5000, rootVolumeThroughput: 300 }, { ...root, volumeType: 'gp3', iops: 5000, throughput: 300 }],
    ['gp2 has no performance to choose', { rootVolumeType: 'gp2', rootVolumeIops: 500 }, { ...root, volumeType: 'gp2' }],
    ['io1 has at least 100', { rootVolumeType: 'io1' }, { ...root, volumeType: 'io1', iops: 100 }],
    ['io2', { rootVolumeType: 'io2', rootVolumeIops: 900, rootVolumeSize: 40 }, { ...root, volumeSize: 40, volumeType: 'io2', iops: 900 }],
    [
      'a key of the user',
      { rootVolumeEncryptionKey: 'arn:aws:kms:eu-west-1:1:key/k' },
      { ...root, volumeType: 'gp3', iops: 3000, throughput: 125, kmsKeyId: 'arn:aws:kms:eu-west-1:1:key/k' },
    ],
    ['no key without encryption', { rootVolumeEncryption: false, rootVolumeEncryptionKey: 'k' }, { ...root, encrypted: false, volumeType: 'gp3', iops: 3000, throughput: 125 }],
    ['kept when the instance goes', { rootVolumeDeleteOnTermination: false }, { ...root, deleteOnTermination: false, volumeType: 'gp3', iops: 3000, throughput: 125 }],
  ];
  it.each(roots)('root: %s', (_name, nodes, ebs) => {
    expect(templateOf({ nodes }).blockDeviceMappings).toEqual([{ deviceName: '/dev/sda1', ebs }]);
  });

  it('adds volumes by device and the disks of the host', () => {
    const volumes = [
      { device: '/dev/xvdg', size: 10, type: 'io1' },
      { device: '/dev/xvdf', size: 20, encrypted: false, deleteOnTermination: false, key: 'k1' },
    ];
    const facts = { machineTypes: { 'm5d.large': { architecture: 'amd64' as const, vcpus: 2, memoryGib: 8, instanceStoreDisks: 2 } } };
    expect(templateOf({ nodes: { volumes, machineType: 'm5d.large,m5.large' }, facts }).blockDeviceMappings.slice(1)).toEqual([
      { deviceName: '/dev/xvdf', ebs: { volumeSize: 20, volumeType: 'gp3', iops: 3000, throughput: 125, encrypted: false, kmsKeyId: 'k1', deleteOnTermination: false } },
      { deviceName: '/dev/xvdg', ebs: { volumeSize: 10, volumeType: 'io1', iops: 100, encrypted: true, deleteOnTermination: true } },
      { deviceName: '/dev/sdc', virtualName: 'ephemeral0' },
      { deviceName: '/dev/sdd', virtualName: 'ephemeral1' },
    ]);
  });
});

describe('network of a launch template', () => {
  const addresses: [string, Record<string, unknown>, object][] = [
    ['public by default', { subnets: ['a'] }, { associatePublicIpAddress: true, ipv6AddressCount: 0 }],
    ['public, but not wanted', { subnets: ['a'], associatePublicIp: false }, { associatePublicIpAddress: false, ipv6AddressCount: 0 }],
    ['utility is open, too', { subnets: ['outer'] }, { associatePublicIpAddress: true, ipv6AddressCount: 0 }],
    ['private, whatever is wanted', { subnets: ['inner'], associatePublicIp: true }, { associatePublicIpAddress: false, ipv6AddressCount: 0 }],
    ['a subnet with IPv6', { subnets: ['six'] }, { associatePublicIpAddress: false, ipv6AddressCount: 1 }],
  ];
  it.each(addresses)('%s', (_name, nodes, expected) => {
    expect(templateOf({ nodes }).networkInterface).toMatchObject(expected);
  });

  it('answers metadata over IPv6 where instances have such addresses', () => {
    expect(templateOf({ nodes: { subnets: ['six'] } }).metadataOptions.httpProtocolIpv6).toBe('enabled');
    expect(templateOf().metadataOptions).toEqual({ httpEndpoint: 'enabled', httpProtocolIpv6: 'disabled', httpPutResponseHopLimit: 1, httpTokens: 'required' });
    const instanceMetadata = { httpPutResponseHopLimit: 3, httpTokens: 'optional' };
    expect(templateOf({ nodes: { instanceMetadata } }).metadataOptions).toMatchObject(instanceMetadata);
  });

  it('puts instances into the group of their role, or one instead of it, and what is added', () => {
    const cluster = { api: { loadBalancer: { class: 'Network', type: 'Public', additionalSecurityGroups: ['sg-api'] } } };
    const nodes = { securityGroupOverride: 'sg-own', additionalSecurityGroups: ['sg-b', 'sg-a'] };
    const more = { bastions: { role: 'Bastion', subnets: ['outer'] }, apis: { role: 'APIServer' } };
    const resources = modelOf({ cluster, nodes, more });
    const groupsOf = (name: string) => attributesOf('LaunchTemplate', `${name}.${clusterName}`, resources).networkInterface.securityGroupIds;
    expect(groupsOf('workers')).toEqual(['sg-own', 'sg-b', 'sg-a']);
    expect(groupsOf('cp.masters')).toEqual([group('masters'), 'sg-api']);
    expect(groupsOf('apis.apiservers')).toEqual([group('masters'), 'sg-api']);
    expect(groupsOf('bastions')).toEqual([group('bastion')]);
  });
});

describe('the rest of a launch template', () => {
  it('has what the spec says and no more', () => {
    const plain = templateOf();
    expect(plain).toMatchObject({ imageId: 'ami-0aa1', instanceType: 'm5.large', monitoring: false, iamInstanceProfileName: ref('IAMInstanceProfile', `nodes.${clusterName}`) });
    for (const absent of ['keyName', 'ebsOptimized', 'creditSpecification', 'marketOptions', 'placementTenancy']) expect(plain).not.toHaveProperty(absent);
    const nodes = { rootVolumeOptimization: true, cpuCredits: 'unlimited', tenancy: 'dedicated', detailedInstanceMonitoring: true, image: 'ami-0bb2' };
    const expected = { ebsOptimized: true, creditSpecification: { cpuCredits: 'unlimited' }, placementTenancy: 'dedicated', monitoring: true, imageId: 'ami-0bb2' };
    expect(templateOf({ nodes })).toMatchObject(expected);
  });

  it('asks for spot machines, unless the group does', () => {
    const nodes = { maxPrice: '0.1', spotDurationInMinutes: 60, instanceInterruptionBehavior: 'stop' };
    expect(templateOf({ nodes }).marketOptions).toEqual({ marketType: 'spot', maxPrice: '0.1', blockDurationMinutes: 60, instanceInterruptionBehavior: 'stop' });
    expect(templateOf({ nodes: { ...nodes, mixedInstancesPolicy: { instances: ['m5.large'] } } })).not.toHaveProperty('marketOptions');
  });

  it('carries user data, on bastions only what they add', () => {
    const more = {
      bastions: { role: 'Bastion', subnets: ['outer'] },
      hosts: { role: 'Bastion', subnets: ['outer'], additionalUserData: [{ name: 'x.sh', type: 'text/x-shellscript', content: 'date' }] },
    };
    const resources = modelOf({ more });
    const userDataOf = (name: string) => attributesOf('LaunchTemplate', `${name}.${clusterName}`, resources).userData;
    expect(userDataOf('workers')).toBe('# workers\n');
    expect(userDataOf('bastions')).toBeUndefined();
    expect(userDataOf('hosts')).toContain('date');
  });

  it('is not made for groups of Karpenter', () => {
    const cluster = { karpenter: { enabled: true }, iam: { useServiceAccountExternalPermissions: true } };
    const resources = modelOf({ cluster, more: { free: { role: 'Node', manager: 'Karpenter' } } });
    expect(namesOf('LaunchTemplate', resources)).toEqual([`cp.masters.${clusterName}`, `workers.${clusterName}`]);
    expect(namesOf('AutoscalingGroup', resources)).toEqual(namesOf('LaunchTemplate', resources));
  });
});

describe('tags of a group', () => {
  const labelTag = 'k8s.io/cluster-autoscaler/node-template/label/';
  const taintTag = 'k8s.io/cluster-autoscaler/node-template/taint/';

  it('tell whose it is, what it is, and what its nodes will be like', () => {
    const nodes = {
      cloudLabels: { team: 'a', cost: 'group' },
      nodeLabels: { tier: 'web' },
      kubelet: { nodeLabels: { kind: 'fast', tier: 'overridden' } },
      taints: ['dedicated=gpu:NoSchedule', 'bare:NoSchedule'],
    };
    expect(templateOf({ cluster: { cloudLabels: { cost: 'cluster', owner: 'me' } }, nodes }).tags).toEqual({
      Name: `workers.${clusterName}`,
      KubernetesCluster: clusterName,
      [`kubernetes.io/cluster/${clusterName}`]: 'owned',
      'aws-node-termination-handler/managed': '',
      'k8s.io/role/node': '1',
      'kops.k8s.io/instancegroup': 'workers',
      [`${labelTag}node-role.kubernetes.io/node`]: '',
      [`${labelTag}kind`]: 'fast',
      [`${labelTag}tier`]: 'web',
      [`${taintTag}dedicated`]: 'gpu:NoSchedule',
      owner: 'me',
      cost: 'group',
      team: 'a',
    });
  });

  const roles: [string, string[]][] = [
    [
      'Master',
      [
        `${labelTag}kops.k8s.io/kops-controller-pki`,
        `${labelTag}node-role.kubernetes.io/control-plane`,
        `${labelTag}node.kubernetes.io/exclude-from-external-load-balancers`,
        'k8s.io/role/control-plane',
        'k8s.io/role/master',
      ],
    ],
    ['APIServer', [`${labelTag}kops.k8s.io/kops-controller-pki`, `${labelTag}node-role.kubernetes.io/api-server`, 'k8s.io/role/apiserver']],
    ['Node', [`${labelTag}node-role.kubernetes.io/node`, 'k8s.io/role/node']],
    ['Bastion', ['k8s.io/role/bastion']],
  ];
  it.each(roles)('of role %s', (role, expected) => {
    const resources = modelOf({ more: { extra: { role } } });
    const template = resources.find((resource) => resource.kind === 'LaunchTemplate' && resource.instanceGroup === 'extra');
    const tags = Object.keys(template?.attributes.tags ?? {});
    expect(tags.filter((tag) => tag.startsWith('k8s.io/')).sort()).toEqual(expected);
  });

  it('leave the termination handler alone where it reads no queue, and keep what the user gave its tag', () => {
    const handler = (nodeTerminationHandler: object) => Object.keys(templateOf({ cluster: { nodeTerminationHandler } }).tags);
    expect(handler({ enableSQSTerminationDraining: false })).not.toContain('aws-node-termination-handler/managed');
    expect(handler({ enabled: false })).not.toContain('aws-node-termination-handler/managed');
    expect(handler({ managedASGTag: 'drain-me' })).toContain('drain-me');
    expect(templateOf({ nodes: { cloudLabels: { 'aws-node-termination-handler/managed': 'yes' } } }).tags['aws-node-termination-handler/managed']).toBe('yes');
  });

  it('keep machines with a graphics processor for those who ask', () => {
    const cluster = { containerd: { nvidiaGPU: { enabled: true } } };
    const tags = templateOf({ cluster, nodes: { machineType: 'g5.xlarge', taints: ['a=b:NoSchedule'] } }).tags;
    expect(tags).toMatchObject({ [`${labelTag}kops.k8s.io/gpu`]: '1', [`${taintTag}a`]: 'b:NoSchedule' });
    expect(templateOf({ cluster }).tags).not.toHaveProperty([`${labelTag}kops.k8s.io/gpu`]);
  });
});
