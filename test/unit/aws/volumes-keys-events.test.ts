import { describe, expect, it } from 'vitest';
import { ref } from '../../../src/cloud/resource.ts';
import { attributesOf, clusterName, modelOf, namesOf, templateOf } from './model-of.ts';

describe('disks of etcd', () => {
  const members = (...names: string[]) => names.map((name) => ({ name, instanceGroup: name === 'b' ? 'cp-b' : 'cp' }));

  it('are one for each member of each etcd cluster, and say whose they are', () => {
    const etcdClusters = ['main', 'events', 'cilium'].map((name) => ({ name, etcdMembers: members('c', 'b', 'a') }));
    const resources = modelOf({ cluster: { etcdClusters, cloudLabels: { owner: 'me' } }, more: { 'cp-b': { role: 'Master', subnets: ['b'] } } });
    expect(namesOf('EBSVolume', resources)).toHaveLength(9);
    expect(attributesOf('EBSVolume', `b.etcd-cilium.${clusterName}`, resources)).toEqual({
      availabilityZone: 'eu-west-1b',
      size: 20,
      volumeType: 'gp3',
      iops: 3000,
      throughput: 125,
      encrypted: false,
      tags: {
        Name: `b.etcd-cilium.${clusterName}`,
        KubernetesCluster: clusterName,
        [`kubernetes.io/cluster/${clusterName}`]: 'owned',
        owner: 'me',
        'k8s.io/etcd/cilium': 'b/a,b,c',
        'k8s.io/role/control-plane': '1',
        'k8s.io/role/master': '1',
      },
    });
  });

  const kinds: [string, object, object][] = [
    ['gp2', { volumeType: 'gp2', volumeSize: 40 }, { volumeType: 'gp2', size: 40 }],
    ['io2', { volumeType: 'io2', volumeIops: 700 }, { volumeType: 'io2', iops: 700 }],
    ['io1 at its least', { volumeType: 'io1', volumeIops: 7 }, { volumeType: 'io1', iops: 100 }],
    ['encrypted with a key', { encryptedVolume: true, kmsKeyId: 'k-1' }, { encrypted: true, kmsKeyId: 'k-1' }],
  ];
  it.each(kinds)('%s', (_name, settings, expected) => {
    const etcdClusters = [{ name: 'main', etcdMembers: [{ name: 'a', instanceGroup: 'cp', ...settings }] }];
    const volume = attributesOf('EBSVolume', `a.etcd-main.${clusterName}`, modelOf({ cluster: { etcdClusters } }));
    expect(volume).toMatchObject(expected);
    if (!('iops' in expected) && !('encrypted' in expected)) expect(volume).not.toHaveProperty('iops');
  });
});

describe('disks of machines', () => {
  const kinds: [string, object, object][] = [
    ['nothing said', {}, { volumeType: 'gp3', iops: 3000, throughput: 125, encrypted: true, deleteOnTermination: true }],
    ['less than there is', { iops: 100, throughput: 10 }, { volumeType: 'gp3', iops: 100, throughput: 10 }],
    ['io1', { type: 'io1' }, { volumeType: 'io1', iops: 100 }],
    ['IOPS of a type without', { type: 'gp2', iops: 100 }, { volumeType: 'gp2' }],
    ['throughput of a type without', { type: 'st1', throughput: 200 }, { volumeType: 'st1', throughput: 200 }],
  ];
  it.each(kinds)('are those of the spec: %s', (_name, settings, expected) => {
    const [, disk] = templateOf({ nodes: { volumes: [{ device: '/dev/xvdf', size: 40, ...settings }] } }).blockDeviceMappings;
    expect(disk.deviceName).toBe('/dev/xvdf');
    expect(disk.ebs).toEqual({ volumeSize: 40, encrypted: true, deleteOnTermination: true, ...expected });
  });
});

describe('tags of groups', () => {
  const prefix = 'k8s.io/cluster-autoscaler/node-template';

  it('tell the autoscaler of taints and labels, whoever says them', () => {
    const nodes = { taints: ['gpu:NoSchedule', 'spot=:NoExecute', 'team=a:PreferNoSchedule'], kubelet: { nodeLabels: { rack: '2', shelf: 'b' } } };
    const cluster = { kubelet: { nodeLabels: { rack: '1', row: '7' } }, masterKubelet: { nodeLabels: { tower: 'x' } } };
    const { tags } = templateOf({ nodes, cluster });
    expect(tags).toMatchObject({ [`${prefix}/taint/gpu`]: ':NoSchedule', [`${prefix}/taint/spot`]: ':NoExecute', [`${prefix}/taint/team`]: 'a:PreferNoSchedule' });
    expect(tags).toMatchObject({ [`${prefix}/label/rack`]: '2', [`${prefix}/label/row`]: '7', [`${prefix}/label/shelf`]: 'b' });
    const masters = templateOf({ nodes, cluster }, `cp.masters.${clusterName}`).tags;
    expect(masters).toMatchObject({ [`${prefix}/label/tower`]: 'x' });
    for (const label of ['rack', 'row']) expect(masters).not.toHaveProperty([`${prefix}/label/${label}`]);
  });
});

describe('key pairs', () => {
  it('are named after the fingerprint that ssh-keygen -l -E md5 tells', () => {
    const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAZ2qBpazEFRbvb3PhLvuUW+xhaBY97k6JfKmZnQL5fD me@here\n';
    const name = `kubernetes.${clusterName}-85:9f:8d:67:17:81:84:5d:2f:57:b2:52:39:d4:ae:bb`;
    const resources = modelOf({ input: { sshPublicKeys: [publicKey, 'ssh-rsa AAAA other'] } });
    expect(namesOf('KeyPair', resources)).toEqual([name]);
    expect(attributesOf('KeyPair', name, resources)).toMatchObject({ keyName: name, publicKey, tags: { Name: clusterName } });
    expect(attributesOf('LaunchTemplate', `workers.${clusterName}`, resources).keyName).toEqual(ref('KeyPair', name));
  });

  it('are the ones the spec names, or none', () => {
    const input = { sshPublicKeys: ['ssh-ed25519 AAAA me'] };
    expect(namesOf('KeyPair', modelOf({ input, cluster: { sshKeyName: 'ours' } }))).toEqual([]);
    expect(templateOf({ input, cluster: { sshKeyName: 'ours' } }).keyName).toBe('ours');
    expect(templateOf({ input, cluster: { sshKeyName: '' } })).not.toHaveProperty('keyName');
  });
});

describe('events', () => {
  const rulesOf = (cluster: Record<string, unknown>, name = clusterName) => namesOf('EventBridgeRule', modelOf({ cluster, name }));
  const usual = ['ASGLifecycle', 'SpotInterruption', 'InstanceStateChange', 'InstanceScheduledChange'].map((event) => `${clusterName}-${event}`);

  it('go to the queue of the termination handler', () => {
    const resources = modelOf();
    const queue = 'shop-example-com-nth';
    expect(rulesOf({})).toEqual(usual);
    expect(attributesOf('SQSQueue', queue, resources)).toMatchObject({ queueName: queue, messageRetentionPeriod: 300, tags: { Name: queue } });
    expect(JSON.parse(attributesOf('SQSQueue', queue, resources).policy).Statement[0].Resource).toBe(`arn:aws:sqs:eu-west-1:111122223333:${queue}`);
    expect(attributesOf('EventBridgeTarget', `${usual[1]}-Target`, resources)).toEqual({
      ruleName: ref('EventBridgeRule', usual[1] ?? ''),
      targetArn: ref('SQSQueue', queue, 'arn'),
    });
    expect(JSON.parse(attributesOf('EventBridgeRule', usual[1] ?? '', resources).eventPattern)).toEqual({
      source: ['aws.ec2'],
      'detail-type': ['EC2 Spot Instance Interruption Warning'],
    });
  });

  it('are those that the spec asks for', () => {
    expect(rulesOf({ nodeTerminationHandler: { enableRebalanceDraining: true } })).toEqual([...usual, `${clusterName}-RebalanceRecommendation`]);
    expect(rulesOf({ nodeTerminationHandler: { enableSQSTerminationDraining: false } })).toEqual([]);
    expect(rulesOf({ nodeTerminationHandler: { enabled: false } })).toEqual([]);
  });

  it('go to Karpenter instead, where it looks after machines', () => {
    const cluster = { karpenter: { enabled: true }, iam: { useServiceAccountExternalPermissions: true } };
    expect(namesOf('SQSQueue', modelOf({ cluster }))).toEqual(['shop-example-com-karpenter']);
    expect(rulesOf(cluster)).toEqual(
      ['SpotInterruption', 'InstanceStateChange', 'InstanceScheduledChange', 'RebalanceRecommendation'].map((event) => `${clusterName}-Karpenter-${event}`),
    );
  });

  it('have names that are cut where the cluster’s is long', () => {
    const [rule = ''] = rulesOf({}, 'a-cluster-with-quite-a-long-name.eu.example.com');
    expect(rule).toMatch(/^a-cluster-with-quite-a-long-name\.-[0-9a-v]{6}-ASGLifecycle$/);
  });
});

describe('documents', () => {
  const document = { path: 'igconfig/node/workers/nodeupconfig.yaml', content: 'a: 1\n', roles: ['Node'], secret: false, instanceGroup: 'workers' };

  it('lie below the configuration base, where key sets are already', () => {
    const resources = modelOf({ input: { documents: [document, { path: 'x', content: 's', roles: [], secret: true }, { path: 'pki/x', content: 's', roles: [], secret: true }] } });
    expect(namesOf('ManagedFile', resources)).toEqual([document.path, 'x']);
    expect(attributesOf('ManagedFile', document.path, resources)).toEqual({
      bucket: 'state',
      key: `${clusterName}/${document.path}`,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      secret: false,
    });
    expect(JSON.stringify(attributesOf('ManagedFile', 'x', resources))).not.toContain('"s"');
  });

  it('have no place where there is no bucket', () => {
    expect(namesOf('ManagedFile', modelOf({ cluster: { configBase: 'file:///tmp/x' }, input: { documents: [document] } }))).toEqual([]);
    const base = attributesOf('ManagedFile', document.path, modelOf({ cluster: { configBase: 's3://state' }, input: { documents: [document] } }));
    expect(base).toMatchObject({ bucket: 'state', key: document.path });
  });
});
