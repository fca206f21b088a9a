import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProviderModule } from '../../../src/cloud/provider.ts';
import type { ClusterContext } from '../../../src/operations/cluster-context.ts';
import { createCluster } from '../../../src/operations/create-cluster.ts';
import { ensureKeysets, newKeysetNames } from '../../../src/operations/ensure-keysets.ts';
import { type Workbench, workbench } from './test-cloud.ts';

const name = 'a.k8s.local';
const shared = ['kubernetes-ca', 'service-account'];
const etcd = ['etcd-clients-ca', 'etcd-peers-ca-main'];

describe('key sets of etcd', () => {
  let bench: Workbench;
  beforeEach(async () => {
    bench = workbench('/nowhere/kubeconfig');
    await createCluster(bench.operator, { name, zones: ['us-test-1a'] });
  });
  afterEach(() => bench.cancel());

  const own: ProviderModule['openInstance'] = () => Promise.reject(new Error('not here'));
  const contextOf = (members: number, openInstance?: ProviderModule['openInstance']) => {
    const etcdMembers = ['a', 'b', 'c'].slice(0, members).map((member) => ({ name: member, instanceGroup: 'cp' }));
    const completed = { cluster: { spec: { etcdClusters: [{ name: 'main', etcdMembers }] } } };
    return { name, completed, module: { ...bench.cloud.module, ...(openInstance ? { openInstance } : {}) } } as unknown as ClusterContext;
  };
  const stored = () => bench.operator.store.files(name).listKeysets();

  it('come with a new cluster where machines are their own', () => {
    expect(newKeysetNames(bench.cloud.module).sort()).toEqual(shared);
    expect(newKeysetNames(contextOf(1, own).module).sort()).toEqual([...etcd, ...shared]);
  });

  it('are made for a cluster that was stored without them, once, and only where members need them', async () => {
    await ensureKeysets(bench.operator, contextOf(3));
    await ensureKeysets(bench.operator, contextOf(1, own));
    expect(await stored()).toEqual(shared);
    await ensureKeysets(bench.operator, contextOf(3, own));
    expect(await stored()).toEqual([...etcd, ...shared]);
    const before = await bench.operator.store.files(name).getKeyset('etcd-clients-ca');
    await ensureKeysets(bench.operator, contextOf(3, own));
    expect(await bench.operator.store.files(name).getKeyset('etcd-clients-ca')).toEqual(before);
  });
});
