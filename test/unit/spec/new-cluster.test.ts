import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPlainObject } from '../../../src/lib/json.ts';
import { parseYaml, parseYamlDocuments } from '../../../src/lib/yaml.ts';
import { assignStable } from '../../../src/spec/assign.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import { type NewClusterOptions, newCluster } from '../../../src/spec/new-cluster.ts';
import { etcdMemberNames } from '../../../src/spec/new-etcd.ts';
import { applySettings } from '../../../src/spec/set.ts';
import type { Cluster, InstanceGroup } from '../../../src/spec/types.ts';
import { validateCompleted } from '../../../src/spec/validate.ts';
import { catalog, context, providerSpec } from './test-provider.ts';

const oracle = join(process.env.KOPS_TS_ORACLE ?? join(import.meta.dirname, '../../../../shared/oracle'), 'kops/create');
const cases = ['ha', 'minimal-1.36', 'minimal-arm64', 'complex', 'ha_shared_zones', 'overrides'];

describe.skipIf(!existsSync(oracle))("newCluster writes what kops create cluster writes (needs kops' cases: KOPS_TS_ORACLE)", () => {
  it.each(cases)('%s', (name) => {
    const { options, sets } = readOptions(name);
    const made = newCluster(options);
    const user = { cluster: applySettings(made.cluster, { set: sets }), instanceGroups: made.instanceGroups };
    const completed = completeCluster(user, context);
    const { cluster, instanceGroups } = assignStable(user, completed);
    const expected = parseYamlDocuments(readFileSync(join(oracle, name, 'expected-v1alpha2.yaml'), 'utf8'), name) as (Cluster | InstanceGroup)[];
    expect(withoutTimes([cluster, ...instanceGroups])).toEqual(withoutTimes(expected));
    expect(validateCompleted(completed, catalog, providerSpec)).toEqual([]);
  });
});

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

function readOptions(name: string): { options: NewClusterOptions; sets: string[] } {
  const given = parseYaml(readFileSync(join(oracle, name, 'options.yaml'), 'utf8'), name) as Record<string, never>;
  const options: NewClusterOptions = {
    name: given.ClusterName ?? '',
    cloud: given.CloudProvider ?? '',
    zones: given.Zones ?? [],
    configBase: `memfs://tests/${given.ClusterName}`,
  };
  const renamed: Record<string, keyof NewClusterOptions> = {
    ControlPlaneZones: 'controlPlaneZones',
    ControlPlaneCount: 'controlPlaneCount',
    NodeCount: 'nodeCount',
    Networking: 'networking',
    KubernetesVersion: 'kubernetesVersion',
    NetworkCIDRs: 'networkCidrs',
    SSHAccess: 'sshAccess',
  };
  for (const [from, to] of Object.entries(renamed)) if (given[from] !== undefined) Object.assign(options, { [to]: given[from] });
  for (const [from, to] of [
    ['NodeSizes', 'nodeSize'],
    ['ControlPlaneSizes', 'controlPlaneSize'],
  ] as const)
    if (given[from]) Object.assign(options, { [to]: (given[from] as string[]).join(',') });
  return { options, sets: given.Sets ?? [] };
}

/** Sorted as kops prints them, without creation times and without the blocks of subnets: our layout leaves room on purpose. */
function withoutTimes(objects: readonly (Cluster | InstanceGroup)[]): unknown[] {
  return objects
    .map((object) => {
      const { creationTimestamp: _, ...metadata } = object.metadata;
      const spec: Record<string, unknown> = { ...object.spec };
      if (object.kind === 'Cluster') spec.subnets = (spec.subnets as unknown[]).map((subnet) => (isPlainObject(subnet) ? { ...subnet, cidr: 'any' } : subnet));
      return { ...object, metadata, spec };
    })
    .sort((a, b) => (`${a.kind}/${a.metadata.name}` < `${b.kind}/${b.metadata.name}` ? -1 : 1));
}
