import { describe, expect, it } from 'vitest';
import { newCluster } from '../../../../src/spec/new-cluster.ts';
import { validateChange } from '../../../../src/spec/rules/change.ts';
import { applySettings } from '../../../../src/spec/set.ts';

const { cluster } = newCluster({ name: 'a.example.com', cloud: 'test', zones: ['us-test-1a'], configBase: 'memory://x' });
const withImage = applySettings(cluster, { set: ['spec.etcdClusters[0].image=mine/etcd:1', 'spec.etcdClusters[0].version=3.6.12'] });
const withSettings = (before: typeof cluster, set: string[], unset: string[] = []) =>
  validateChange({ cluster: before }, { cluster: applySettings(before, { set, unset }) }).map(({ path, message }) => `${path}: ${message}`);

describe('what may not change once a cluster is there', () => {
  it.each([
    ['its cloud', withSettings(cluster, ['spec.cloudProvider=aws']), 'spec.cloudProvider: is test'],
    ['an etcd cluster that holds data', withSettings(cluster, [], ['spec.etcdClusters[1]']), 'spec.etcdClusters: etcd cluster events cannot be removed'],
    [
      'the machine of a member',
      withSettings(cluster, ['spec.etcdClusters[0].etcdMembers[0].instanceGroup=b']),
      'spec.etcdClusters[0].etcdMembers: member a belongs to control-plane-us-test-1a',
    ],
    ["an image of one's own", withSettings(withImage, ['spec.etcdClusters[0].image=mine/etcd:2']), 'spec.etcdClusters[0].image: is mine/etcd:1'],
    ['the version of such an image', withSettings(withImage, ['spec.etcdClusters[0].version=3.6.13']), 'spec.etcdClusters[0].version: is 3.6.12'],
    ['to such an image', withSettings(cluster, ['spec.etcdClusters[0].image=mine/etcd:1']), 'spec.etcdClusters[0].image: is not set'],
  ])('%s', (_what, errors, expected) => expect(errors.join('\n')).toContain(expected));

  it('everything else may', () => {
    expect(withSettings(cluster, ['spec.etcdClusters[0].version=3.6.12', 'spec.kubernetesVersion=v1.35.0', 'spec.etcdClusters[0].etcdMembers[0].volumeSize=40'])).toEqual([]);
  });
});
