import { describe, expect, it } from 'vitest';
import { type NewClusterOptions, newCluster } from '../../../src/spec/new-cluster.ts';
import { etcdMemberNames } from '../../../src/spec/new-etcd.ts';

describe('newCluster', () => {
  const options: NewClusterOptions = { name: 'a.k8s.local', cloud: 'test', zones: ['us-test-1a', 'us-test-1b', 'us-test-1c'], configBase: 'memory://x/a.k8s.local' };

  it('makes one control plane in the first zone and a worker in each', () => {
    const { instanceGroups, cluster } = newCluster(options);
    expect(instanceGroups.map(({ metadata, spec }) => [metadata.name, spec.role, spec.minSize])).toEqual([
      ['control-plane-us-test-1a', 'Master', 1],
      ['nodes-us-test-1a', 'Node', 1],
      ['nodes-us-test-1b', 'Node', 1],
      ['nodes-us-test-1c', 'Node', 1],
    ]);
    expect(cluster.spec.etcdClusters?.map((etcd) => [etcd.name, etcd.etcdMembers.map((member) => member.name)])).toEqual([
      ['main', ['a']],
      ['events', ['a']],
    ]);
  });

  it('gives the remainder of the node count to the first zones', () => {
    const sizes = newCluster({ ...options, nodeCount: 10 }).instanceGroups.map((group) => group.spec.minSize);
    expect(sizes).toEqual([1, 4, 3, 3]);
  });

  it('refuses an even number of control planes', () => {
    expect(() => newCluster({ ...options, controlPlaneCount: 2 })).toThrow('2 control planes cannot form a majority');
  });

  it('refuses fewer control planes than their zones', () => {
    expect(() => newCluster({ ...options, controlPlaneZones: options.zones, controlPlaneCount: 1 })).toThrow('specified 3 control-plane zones, but also requested 1');
  });

  it('has bastions only where machines are private, and Karpenter only with a discovery store', () => {
    expect(() => newCluster({ ...options, bastion: true })).toThrow("bastion supports --topology='private' only");
    expect(() => newCluster({ ...options, topology: 'private', networking: 'kubenet' })).toThrow('kubenet does not support private topology');
    expect(() => newCluster({ ...options, instanceManager: 'karpenter' })).toThrow('karpenter requires --discovery-store');
  });

  it('refuses a network it does not know and names the nearest', () => {
    expect(() => newCluster({ ...options, networking: 'cillium' })).toThrow('did you mean cilium?');
  });

  it.each([
    [['control-plane-us-east-1a'], ['a']],
    [
      ['control-plane-z-1', 'control-plane-z-2', 'control-plane-z-3'],
      ['etcd-1', 'etcd-2', 'etcd-3'],
    ],
    [
      ['control-plane-us-east-1a-1', 'control-plane-us-east-1b-1', 'control-plane-us-east-1a-2'],
      ['a-1', 'b-1', 'a-2'],
    ],
  ])('names the etcd members of %j', (groups, names) => expect(etcdMemberNames(groups)).toEqual(names));
});
