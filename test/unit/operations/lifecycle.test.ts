import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CloudError } from '../../../src/cloud/errors.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import { createCluster } from '../../../src/operations/create-cluster.ts';
import { deleteCluster } from '../../../src/operations/delete-cluster.ts';
import { deleteInstance } from '../../../src/operations/delete-instance.ts';
import { editCluster, editInstanceGroup } from '../../../src/operations/edit-objects.ts';
import { getClusters, getSpecs } from '../../../src/operations/get-clusters.ts';
import { createObjects, replaceObjects } from '../../../src/operations/store-objects.ts';
import { applyUpdate, previewUpdate } from '../../../src/operations/update-cluster.ts';
import { pendingChanges } from '../../../src/plan/plan.ts';
import { applySettings } from '../../../src/spec/set.ts';
import { type Workbench, workbench } from './test-cloud.ts';

const name = 'a.k8s.local';
const zones = ['us-test-1a', 'us-test-1b'];

describe('operations on a cluster', () => {
  let folder: string;
  let bench: Workbench;
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'nothing was thrown',
      (error: unknown) => (error instanceof KopsError ? error.code : error),
    );
  const changes = async () => pendingChanges((await previewUpdate(bench.operator, name)).plan).map((change) => `${change.action} ${change.kind}/${change.name}`);
  const apply = () => applyUpdate(bench.operator, name, { kubeconfig: true });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'operations-'));
    bench = workbench(join(folder, 'config'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('creates, previews, applies, changes, deletes', async () => {
    const { operator, cloud } = bench;
    await createCluster(operator, { name, zones });
    expect(cloud.calls).toEqual([]);
    expect(await changes()).toEqual([`create Network/${name}`, 'create Group/control-plane-us-test-1a', 'create Group/nodes-us-test-1a', 'create Group/nodes-us-test-1b']);
    const applied = await apply();
    expect(applied).toMatchObject({ first: true, kubeconfig: join(folder, 'config') });
    expect(readFileSync(join(folder, 'config'), 'utf8')).toContain('server: https://10.0.0.1');
    expect(await changes()).toEqual([]);

    await editInstanceGroup(operator, name, 'nodes-us-test-1a', (group) => applySettings(group, { set: ['spec.minSize=3', 'spec.maxSize=3'] }));
    const preview = await previewUpdate(operator, name);
    expect(pendingChanges(preview.plan)).toMatchObject([{ action: 'update', changes: [{ field: 'minSize', old: 1, new: 3 }] }]);
    expect(preview.cost.own.after.total.desired - (preview.cost.own.before?.total.desired ?? 0)).toBeCloseTo(73, 5);
    expect(await apply()).toMatchObject({ first: false });
    expect(await changes()).toEqual([]);

    cloud.calls.length = 0;
    expect(await deleteCluster(operator, name, { apply: false })).toHaveLength(4);
    expect(cloud.calls).toEqual([]);
    await deleteCluster(operator, name, { apply: true });
    expect(cloud.calls.at(-1)).toBe(`delete Network/${name}`);
    expect(await getClusters(operator)).toEqual([]);
    expect(readFileSync(join(folder, 'config'), 'utf8')).not.toContain(name);
    expect((await operator.store.objects.list('')).keys).toEqual([]);
  });

  it('stores nothing that is not valid, and nothing twice', async () => {
    const { operator } = bench;
    expect(await codeOf(createCluster(operator, { name, zones, nodeSize: 't2.medum' }))).toBe('SPEC_INVALID');
    expect(await codeOf(createCluster(operator, { name: 'demo', zones, dns: 'public' }))).toBe('SPEC_INVALID');
    expect(await codeOf(createCluster(operator, { name, zones, prices: { priceAs: 'test:us-tset-1' } }))).toBe('UNKNOWN_PRICE_REGION');
    expect(await codeOf(createCluster(operator, { name, zones: [] }))).toBe('NO_ZONES');
    expect(await codeOf(createCluster(operator, { name, zones: ['us-test-1a', 'us-test-2a'] }))).toBe('MIXED_REGIONS');
    expect((await operator.store.objects.list('')).keys).toEqual([]);
    await createCluster(operator, { name, zones, set: ['spec.cloudLabels.team=blue', 'instancegroup.spec.rootVolumeSize=50'] });
    expect(await codeOf(createCluster(operator, { name, zones }))).toBe('CLUSTER_EXISTS');
    const specs = await getSpecs(operator, name);
    expect(specs.cluster.spec.cloudLabels).toEqual({ team: 'blue' });
    expect(specs.instanceGroups.map((group) => group.spec.rootVolumeSize)).toEqual([50, 50, 50]);
    expect(await codeOf(editCluster(operator, name, (cluster) => applySettings(cluster, { set: ['spec.networkCIDR=10.0.0.5/16'] })))).toBe('SPEC_INVALID');
    expect(await codeOf(editCluster(operator, name, (cluster) => applySettings(cluster, { unset: ['spec.etcdClusters[1]'] })))).toBe('SPEC_INVALID');
    expect(await editCluster(operator, name, (cluster) => cluster)).toBe(false);
    expect(await getSpecs(operator, name)).toEqual(specs);
  });

  it('is not made where the cloud says that it could not run, and asks the cloud nothing; a preview only warns', async () => {
    const { cloud, operator, events } = bench;
    const opened: string[] = [];
    const unfit = { severity: 'error' as const, object: `Cluster/${name}`, path: 'spec.configBase', message: 'nobody can read it' };
    const module = {
      ...cloud.module,
      spec: { ...cloud.module.spec, validateApply: () => [unfit] },
      open: (context: Parameters<typeof cloud.module.open>[0]) => {
        opened.push(context.region);
        return cloud.module.open(context);
      },
    };
    const strict = { ...operator, providers: { ...operator.providers, load: async () => module } };
    expect(await codeOf(createCluster(strict, { name, zones, apply: true }))).toBe('SPEC_INVALID');
    expect((await operator.store.objects.list('')).keys).toEqual([]);
    await createCluster(strict, { name, zones });
    events.length = 0;
    await previewUpdate(strict, name);
    expect(events).toContainEqual({ type: 'warning', message: `Cluster/${name} spec.configBase: nobody can read it` });
    opened.length = 0;
    expect(await codeOf(applyUpdate(strict, name, { kubeconfig: false }))).toBe('SPEC_INVALID');
    expect(opened).toEqual([]);
  });

  it('keeps its documents in the state store, unless the spec names another place', async () => {
    const { operator } = bench;
    const { cluster, instanceGroups } = await createCluster(operator, { name, zones, dryRun: true });
    const { configBase, ...spec } = cluster.spec;
    await createObjects(operator, [{ ...cluster, spec }, ...instanceGroups]);
    const stored = async () => (await getSpecs(operator, name)).cluster.spec.configBase;
    expect(await stored()).toBe(configBase);
    await editCluster(operator, name, (edited) => applySettings(edited, { set: ['spec.configBase=s3://elsewhere/x'] }));
    expect(await stored()).toBe('s3://elsewhere/x');
    await editCluster(operator, name, (edited) => applySettings(edited, { unset: ['spec.configBase'] }));
    expect(await stored()).toBe(configBase);
  });

  it('gives a subnet that is added a block that stays', async () => {
    const { operator } = bench;
    await createCluster(operator, { name, zones });
    await editCluster(operator, name, (cluster) => applySettings(cluster, { set: ['spec.subnets[2].name=c', 'spec.subnets[2].zone=us-test-1c', 'spec.subnets[2].type=Public'] }));
    expect((await getSpecs(operator, name)).cluster.spec.subnets?.map((subnet) => subnet.cidr)).toEqual(['172.20.0.0/19', '172.20.32.0/19', '172.20.64.0/19']);
  });

  it('lets one of two that create the same cluster win', async () => {
    const results = await Promise.all([1, 2].map(() => codeOf(createCluster(bench.operator, { name, zones }))));
    expect(results.filter((result) => result === 'nothing was thrown')).toHaveLength(1);
    expect(['CLUSTER_EXISTS', 'CLUSTER_LOCKED']).toContain(results.find((result) => result !== 'nothing was thrown'));
  });

  it('goes on where it stopped, whichever change failed', async () => {
    await createCluster(bench.operator, { name, zones });
    for (let n = 1; n <= 4; n++) {
      const { cloud, operator } = bench;
      cloud.resources.clear();
      let calls = 0;
      cloud.before = () => {
        if (++calls === n) throw new CloudError('denied', 'create', 'not allowed');
      };
      expect(await codeOf(apply()), `change ${n} fails`).toBe('APPLY_FAILED');
      expect((await operator.store.objects.list('locks/')).keys).toEqual([]);
      cloud.before = () => {};
      await apply();
      expect(await changes()).toEqual([]);
      expect(cloud.resources.size).toBe(4);
    }
  });

  it('stops when it is cancelled, keeps what was done, releases the lock', async () => {
    const { cloud, operator, cancel } = bench;
    await createCluster(operator, { name, zones });
    cloud.before = cancel;
    expect(await codeOf(apply())).toBe('CANCELLED');
    expect(cloud.calls).toEqual([`create Network/${name}`]);
    expect((await operator.store.objects.list('locks/')).keys).toEqual([]);
    operator.environment.signal = new AbortController().signal;
    cloud.before = () => {};
    await apply();
    expect(cloud.calls).toHaveLength(4);
  });

  it('refuses to work on a cluster that another operator works on', async () => {
    const { cloud, operator } = bench;
    await createCluster(operator, { name, zones });
    const second: Promise<unknown>[] = [];
    cloud.before = () => {
      second.push(codeOf(apply()), codeOf(deleteCluster(operator, name, { apply: true })));
      cloud.before = () => {};
    };
    await apply();
    expect(await Promise.all(second)).toEqual(['CLUSTER_LOCKED', 'CLUSTER_LOCKED']);
  });

  it('names the nearest cluster, group and instance', async () => {
    const { operator } = bench;
    await createCluster(operator, { name, zones });
    await expect(previewUpdate(operator, 'b.k8s.local')).rejects.toMatchObject({ code: 'CLUSTER_NOT_FOUND', suggestions: expect.arrayContaining([`Did you mean ${name}?`]) });
    await expect(editInstanceGroup(operator, name, 'node-us-test-1a', (group) => group)).rejects.toMatchObject({
      suggestions: expect.arrayContaining(['Did you mean nodes-us-test-1a?']),
    });
    expect(await codeOf(deleteInstance(operator, name, 'i-1', { apply: true }))).toBe('INSTANCE_NOT_FOUND');
  });

  it('takes a version that is not supported from those who say so, as in kops', async () => {
    const { operator, events } = bench;
    const old = { name, zones, kubernetesVersion: '1.30.1', dryRun: true };
    expect(await codeOf(createCluster(operator, old))).toBe('SPEC_INVALID');
    const willing = { ...operator, environment: { ...operator.environment, variables: { KOPS_RUN_OBSOLETE_VERSION: '1' } } };
    expect((await createCluster(willing, old)).cluster.spec.kubernetesVersion).toBe('1.30.1');
    expect(events.filter((event) => event.type === 'warning')).toMatchObject([{ message: expect.stringContaining('v1.30.1 is too old') }]);
    expect(await codeOf(createCluster(willing, { ...old, kubernetesVersion: '1.99.0' }))).toBe('SPEC_INVALID');
  });

  it('stores files: all of it or nothing', async () => {
    const { operator } = bench;
    await createCluster(operator, { name, zones });
    const { cluster, instanceGroups } = await getSpecs(operator, name);
    const bad = instanceGroups.map((group) => ({ ...group, spec: { ...group.spec, subnets: ['nowhere'] } }));
    expect(await codeOf(replaceObjects(operator, [cluster, ...bad], { force: false }))).toBe('SPEC_INVALID');
    const extra = { ...(instanceGroups[1] as (typeof instanceGroups)[number]), metadata: { name: 'extra', labels: { 'kops.k8s.io/cluster': name } } };
    expect(await codeOf(replaceObjects(operator, [extra], { force: false }))).toBe('INSTANCE_GROUP_NOT_FOUND');
    expect(await createObjects(operator, [extra])).toMatchObject([{ verb: 'Created', cluster: name }]);
    expect(await replaceObjects(operator, [cluster, extra], { force: false })).toMatchObject([{ verb: 'Replaced' }, { verb: 'Replaced' }]);
    expect((await getSpecs(operator, name)).instanceGroups.map((group) => group.metadata.name)).toContain('extra');
    await deleteCluster(operator, name, { apply: true });
    expect(await createObjects(operator, [cluster, ...instanceGroups])).toHaveLength(4);
    await apply();
    expect(await changes()).toEqual([]);
  });

  it('lists what it can when one cluster cannot be read, and deletes that one on request', async () => {
    const { operator, events } = bench;
    await createCluster(operator, { name, zones });
    await createCluster(operator, { name: 'b.k8s.local', zones });
    await operator.store.objects.put('b.k8s.local/config', Buffer.from(':: {'));
    expect((await getClusters(operator)).map((cluster) => cluster.metadata.name)).toEqual([name]);
    expect(events).toMatchObject([{ type: 'warning', message: expect.stringContaining('b.k8s.local/config') }]);
    expect(await codeOf(createCluster(operator, { name: 'b.k8s.local', zones }))).toBe('CLUSTER_EXISTS');
    await deleteCluster(operator, 'b.k8s.local', { apply: true, unregister: true });
    expect((await operator.store.objects.list('b.k8s.local/')).keys).toEqual([]);
  });
});
