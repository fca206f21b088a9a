import { describe, expect, it } from 'vitest';
import { newCluster } from '../../../src/spec/new-cluster.ts';
import { applySettings } from '../../../src/spec/set.ts';

const { cluster, instanceGroups } = newCluster({ name: 'a.k8s.local', cloud: 'test', zones: ['us-test-1a'], configBase: 'memory://x' });
const group = instanceGroups[1] as (typeof instanceGroups)[number];

describe('--set and --unset', () => {
  it('takes paths with and without the kind, typed by the field', () => {
    const changed = applySettings(group, { set: ['spec.minSize=2', 'instancegroup.spec.maxSize=4', 'spec.associatePublicIp=false', 'spec.taints=a=b:NoSchedule,c=d:NoExecute'] });
    expect(changed.spec).toMatchObject({ minSize: 2, maxSize: 4, associatePublicIp: false, taints: ['a=b:NoSchedule', 'c=d:NoExecute'] });
    expect(group.spec.minSize).toBe(1);
  });

  it('sets, appends and removes list items and map keys', () => {
    const changed = applySettings(cluster, {
      set: [
        'cluster.spec.addons[0].manifest=https://a',
        'spec.additionalSans[]=x',
        'spec.additionalSans[]=y',
        'spec.cloudLabels.owner\\.team=me',
        'spec.authorization.alwaysAllow={}',
      ],
      unset: ['spec.authorization.rbac'],
    });
    expect(changed.spec).toMatchObject({ addons: [{ manifest: 'https://a' }], additionalSans: ['x', 'y'], cloudLabels: { 'owner.team': 'me' } });
    expect(changed.spec.authorization).toEqual({ alwaysAllow: {} });
  });

  it('sets every item of a list with [*]', () => {
    const changed = applySettings(cluster, {
      set: ['cluster.spec.etcdClusters[*].version=3.6.12', 'spec.etcdClusters[*].etcdMembers[*].volumeSize=30'],
      unset: ['spec.etcdClusters[*].cpuRequest'],
    });
    const each = { version: '3.6.12', etcdMembers: [{ volumeSize: 30 }] };
    expect(changed.spec.etcdClusters).toMatchObject([each, each]);
    expect(changed.spec.etcdClusters?.map((etcd) => etcd.cpuRequest)).toEqual([undefined, undefined]);
  });

  it("knows the paths of kops' own --set", () => {
    const changed = applySettings(cluster, {
      set: ['cluster.spec.networking.networkCIDR=10.0.0.0/16', 'spec.api.access=1.2.3.4/32', 'spec.networking.topology.dns=Private', 'spec.networking.cilium.debug=true'],
    });
    expect(changed.spec).toMatchObject({
      networkCIDR: '10.0.0.0/16',
      kubernetesApiAccess: ['1.2.3.4/32'],
      topology: { dns: { type: 'Private' } },
      networking: { cilium: { debug: true } },
    });
  });

  it.each([
    ['spec.minSzie=2', 'did you mean minSize?'],
    ['spec.minSize=two', 'must be a whole number'],
    ['spec.associatePublicIp=yes', 'must be true or false'],
    ['minSize=2', 'the path must begin with instancegroup.spec. or spec.'],
    ['spec.minSize', 'has no value'],
    ['spec.kubelet=x', 'is an object'],
    ['spec.minSize[0]=1', 'is not a list'],
  ])('refuses %s', (setting, message) => expect(() => applySettings(group, { set: [setting] })).toThrow(message));

  it('never reaches a prototype', () => {
    applySettings(cluster, { set: ['spec.cloudLabels.__proto__=x'] });
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
