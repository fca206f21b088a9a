import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runUpdate } from '../../../src/cli/run-update.ts';
import { driftText, renderDrift } from '../../../src/cli/views/drift-view.ts';
import { applyCommand, plannedUpdateText, renderPlannedUpdate } from '../../../src/cli/views/update-view.ts';
import { CloudError } from '../../../src/cloud/errors.ts';
import { createCluster } from '../../../src/operations/create-cluster.ts';
import { deleteCluster } from '../../../src/operations/delete-cluster.ts';
import { getDrift } from '../../../src/operations/drift.ts';
import { editInstanceGroup } from '../../../src/operations/edit-objects.ts';
import { parseSavedPlan } from '../../../src/operations/saved-plan.ts';
import { applyUpdate, previewUpdate, type UpdateOptions } from '../../../src/operations/update-cluster.ts';
import { pendingChanges } from '../../../src/plan/plan.ts';
import { applySettings } from '../../../src/spec/set.ts';
import { type Workbench, workbench } from './test-cloud.ts';

const name = 'a.k8s.local';
const [controlPlane, nodesA, nodesB] = ['control-plane-us-test-1a', 'nodes-us-test-1a', 'nodes-us-test-1b'] as const;

const golden = (file: string) => join(import.meta.dirname, '../../golden/plan', file);

let bench: Workbench;
const stored = new Map<string, Uint8Array>();
beforeAll(async () => {
  const { operator } = workbench('/nowhere/kubeconfig');
  await createCluster(operator, { name, zones: ['us-test-1a', 'us-test-1b'] });
  const { objects } = operator.store;
  for (const key of (await objects.list('')).keys) stored.set(key, (await objects.get(key))?.data ?? new Uint8Array());
});
beforeEach(async () => {
  bench = workbench('/nowhere/kubeconfig');
  for (const [key, data] of stored) await bench.operator.store.objects.put(key, data);
});
afterEach(() => bench.cancel());

const apply = (options: UpdateOptions = {}) => applyUpdate(bench.operator, name, { kubeconfig: false, ...options });
const document = async (options: UpdateOptions = {}) => {
  const { plan, cost } = await previewUpdate(bench.operator, name, options);
  return plannedUpdateText(plan, cost);
};
const scale = (group: string, size: number) => editInstanceGroup(bench.operator, name, group, (it) => applySettings(it, { set: [`spec.maxSize=${size}`, `spec.minSize=${size}`] }));
const changedInCloud = (key: string, attributes: Record<string, unknown>) => {
  const found = bench.cloud.resources.get(key);
  if (found) bench.cloud.resources.set(key, { ...found, attributes: { ...found.attributes, ...attributes } });
};

describe('a plan that was kept', () => {
  it('is the JSON of the preview, the same bytes every time', async () => {
    const text = await document({ prune: true });
    expect(await document({ prune: true })).toBe(text);
    expect(JSON.parse(text)).toMatchObject({
      apiVersion: 'kops-ts/plan/v1',
      cluster: name,
      scope: { prune: true },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      changes: 4,
      leftovers: [],
    });
  });

  it('has the form that programs rely on', async () => {
    await apply();
    await scale(nodesA, 2);
    await bench.operator.store.deleteInstanceGroup(name, nodesB);
    await expect(await document({ lifecycleOverrides: ['Network=ExistsAndWarnIfChanges'], instanceGroupRoles: ['node'] })).toMatchFileSnapshot(golden('update.json'));
    changedInCloud(`Group/${controlPlane}`, { minSize: 5 });
    const drift = await getDrift(bench.operator, name);
    await expect(driftText(drift)).toMatchFileSnapshot(golden('drift.json'));
    await expect(renderDrift(drift)).toMatchFileSnapshot(golden('drift.txt'));
    const { plan, cost } = await previewUpdate(bench.operator, name);
    await expect(renderPlannedUpdate(plan, cost)).toMatchFileSnapshot(golden('update.txt'));
  });

  it('is carried out as it is, and refused when the world has moved', async () => {
    const all = parseSavedPlan(await document(), 'all.json');
    const some = parseSavedPlan(await document({ instanceGroups: [nodesA, controlPlane] }), 'some.json');
    await apply({ saved: some });
    expect([...bench.cloud.resources.keys()]).toEqual([`Network/${name}`, `Group/${controlPlane}`, `Group/${nodesA}`]);
    const calls = bench.cloud.calls.length;
    await expect(apply({ saved: all })).rejects.toMatchObject({ code: 'PLAN_STALE', exit: 'conflict', message: expect.stringContaining(`gone: create Network/${name}`) });
    await expect(apply({ saved: some })).rejects.toMatchObject({ code: 'PLAN_STALE', message: expect.stringContaining('nothing left to do') });
    expect(bench.cloud.calls).toHaveLength(calls);
  });

  it('is refused when only a value differs', async () => {
    await apply();
    await scale(nodesA, 2);
    const saved = parseSavedPlan(await document(), 'plan.json');
    await scale(nodesA, 3);
    await expect(apply({ saved })).rejects.toMatchObject({ code: 'PLAN_STALE', message: expect.stringContaining('with other values') });
  });

  it('must be one', () => {
    for (const text of ['{', '{}', '{"apiVersion":"kops-ts/plan/v1","cluster":"a"}'])
      expect(() => parseSavedPlan(text, 'x')).toThrow(expect.objectContaining({ code: 'INVALID_PLAN_FILE' }));
  });
});

describe('the scope of an update', () => {
  it('is named groups and roles', async () => {
    const names = async (options: UpdateOptions) => (await previewUpdate(bench.operator, name, options)).plan.scope.instanceGroups;
    expect(await names({ instanceGroupRoles: ['node'] })).toEqual([nodesA, nodesB]);
    expect(await names({ instanceGroupRoles: ['control-plane', 'Node'], instanceGroups: [nodesB, controlPlane] })).toEqual([controlPlane, nodesB]);
    await expect(names({ instanceGroups: ['nodes-us-test-1d'] })).rejects.toMatchObject({
      code: 'INSTANCE_GROUP_NOT_FOUND',
      suggestions: expect.arrayContaining([`Did you mean ${nodesA}?`]),
    });
    await expect(names({ instanceGroupRoles: ['nod'] })).rejects.toMatchObject({ exit: 'usage', message: expect.stringContaining('did you mean node?') });
    await expect(names({ lifecycleOverrides: ['Netwrok=Ignore'] })).rejects.toMatchObject({ exit: 'usage', message: expect.stringContaining('did you mean Network?') });
    await expect(names({ lifecycleOverrides: ['Network=Ingore'] })).rejects.toMatchObject({ exit: 'usage', message: expect.stringContaining('did you mean Ignore?') });
  });

  it('comes back in the command that applies it', async () => {
    const { plan } = await previewUpdate(bench.operator, name, { prune: true, instanceGroups: [nodesA], lifecycleOverrides: ['Network=ExistsAndValidates'] });
    expect(applyCommand(name, plan.scope)).toBe(`kops-ts update cluster ${name} --prune --instance-group ${nodesA} --lifecycle-overrides Network=ExistsAndValidates --yes`);
    expect(applyCommand(name, plan.scope, { planFile: 'plan.json' })).toBe('kops-ts update cluster --plan plan.json --yes');
  });

  it('is a phase: its own things are made, earlier ones expected, later ones left alone', async () => {
    await expect(apply({ phase: 'cluster' })).rejects.toMatchObject({ message: expect.stringContaining('Network') });
    await apply({ phase: 'network' });
    expect([...bench.cloud.resources.keys()]).toEqual([`Network/${name}`]);
    expect(pendingChanges((await previewUpdate(bench.operator, name, { phase: 'security' })).plan)).toEqual([]);
    const { plan } = await apply({ phase: 'cluster' });
    expect(pendingChanges(plan).map((change) => change.kind)).toEqual(['Group', 'Group', 'Group']);
    expect(pendingChanges((await previewUpdate(bench.operator, name)).plan)).toEqual([]);
    expect(applyCommand(name, plan.scope, { phase: 'cluster' })).toBe(`kops-ts update cluster ${name} --phase cluster --yes`);
  });

  it('keeps a removed group, which goes on costing, until --prune', async () => {
    await apply();
    await bench.operator.store.deleteInstanceGroup(name, nodesB);
    const kept = await previewUpdate(bench.operator, name);
    expect(kept.plan.leftovers.map((resource) => resource.name)).toEqual([nodesB]);
    expect(kept.cost.own.after.total).toEqual(kept.cost.own.before?.total);
    await apply({ prune: true });
    expect(bench.cloud.resources.has(`Group/${nodesB}`)).toBe(false);
  });
});

describe('with --yes -o json', () => {
  const run = async () => {
    const printed: string[] = [];
    const outcome = await runUpdate(bench.operator, name, { json: true, kubeconfig: false }, (text) => printed.push(text)).catch((error: unknown) => error);
    expect(printed).toHaveLength(1);
    return { outcome, document: JSON.parse(printed[0] ?? '') as { result: object } };
  };

  it('one document says at the end how it went', async () => {
    bench.cloud.before = (call) => {
      if (call.includes(nodesA)) throw new CloudError('denied', 'create', 'not allowed');
    };
    const failed = await run();
    expect(failed.outcome).toMatchObject({ code: 'APPLY_FAILED' });
    expect(failed.document.result).toEqual({ status: 'failed', done: 3, total: 4, failed: [{ kind: 'Group', name: nodesA, message: 'not allowed' }] });
    bench.cloud.before = () => {};
    expect((await run()).document.result).toEqual({ status: 'applied', done: 1, total: 1, failed: [] });
    expect((await run()).document.result).toEqual({ status: 'unchanged', done: 0, total: 0, failed: [] });
  });
});

describe('drift', () => {
  const owners = async () => (await getDrift(bench.operator, name)).differences.map(({ owner, type, name: what }) => `${owner} ${type} ${what}`);

  it('tells changes of the spec from changes in the cloud', async () => {
    expect(new Set((await getDrift(bench.operator, name)).differences.map(({ owner }) => owner))).toEqual(new Set(['spec']));
    await apply();
    expect(await owners()).toEqual([]);
    expect(renderDrift(await getDrift(bench.operator, name))).toContain('No drift');

    await scale(nodesA, 3);
    changedInCloud(`Group/${nodesA}`, { minSize: 9 });
    changedInCloud(`Group/${nodesB}`, { minSize: 5 });
    await editInstanceGroup(bench.operator, name, controlPlane, (it) => applySettings(it, { set: ['spec.machineType=t3.medium'] }));
    expect(await owners()).toEqual([`spec different ${controlPlane}`, `both different ${nodesA}`, `cloud different ${nodesB}`]);
    const drift = await getDrift(bench.operator, name);
    expect(drift.differences[1]?.fields).toEqual([{ field: 'minSize', owner: 'both', spec: 3, applied: 1, cloud: 9 }]);
    expect(renderDrift(drift)).toMatch(/Changed in the cloud, not by kops-ts:\n {2}~ Group\/nodes-us-test-1b\n {6}minSize +spec 1, cloud 5\n/);
    expect(JSON.parse(driftText(drift))).toMatchObject({ apiVersion: 'kops-ts/drift/v1', inSync: false });
    await apply();
    expect(await owners()).toEqual([]);
  });

  it('names shared things that differ apart: no update mends them', async () => {
    await apply();
    const network = bench.cloud.resources.get(`Network/${name}`);
    if (network) bench.cloud.resources.set(`Network/${name}`, { ...network, owned: false, attributes: { cidr: '10.0.0.0/8' } });
    const drift = await getDrift(bench.operator, name);
    expect(drift.differences).toEqual([]);
    expect(renderDrift(drift)).toMatch(/^Not ours to change:\n {2}Network\/a.k8s.local is shared and stays as it is, although it differs: cidr\n\nNo drift/);
  });

  it('knows who removed and who added', async () => {
    await apply();
    bench.cloud.resources.delete(`Group/${nodesA}`);
    bench.cloud.resources.set('Group/stranger', { kind: 'Group', name: 'stranger', id: 'g', attributes: {}, outputs: {}, owned: true });
    await bench.operator.store.deleteInstanceGroup(name, nodesB);
    expect(await owners()).toEqual([`cloud missing ${nodesA}`, `spec superfluous ${nodesB}`, 'cloud superfluous stranger']);
  });

  it('knows what an update did that failed half-way, and nothing of updates before there was a record', async () => {
    bench.cloud.before = (call) => {
      if (call.includes(nodesA)) throw new CloudError('denied', 'create', 'not allowed');
    };
    await expect(apply()).rejects.toThrow('not allowed');
    expect(await owners()).toEqual([`spec missing ${nodesA}`]);
    const { objects } = bench.operator.store;
    for (const key of (await objects.list(`${name}/manifests/`)).keys) await objects.delete(key);
    await scale(nodesB, 2);
    expect(await owners()).toEqual([`unknown missing ${nodesA}`, `unknown different ${nodesB}`]);
  });

  it('leaves nothing behind', async () => {
    await apply();
    await deleteCluster(bench.operator, name, { apply: true });
    expect((await bench.operator.store.objects.list('')).keys).toEqual([]);
  });
});
