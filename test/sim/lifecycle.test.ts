import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudErrorClass } from '../../src/cloud/errors.ts';
import { resourceKey } from '../../src/cloud/resource.ts';
import { KopsError } from '../../src/lib/errors.ts';
import { deleteCluster } from '../../src/operations/delete-cluster.ts';
import { getDrift } from '../../src/operations/drift.ts';
import { editCluster, editInstanceGroup } from '../../src/operations/edit-objects.ts';
import { applySettings } from '../../src/spec/set.ts';
import { LocalOperator } from './local-operator.ts';

const name = 'life.k8s.local';
const classes: readonly CloudErrorClass[] = ['denied', 'throttled', 'ambiguous'];

/** The n-th call of a step fails: the step may say so, but never as a bug, and it leaves no lock. Then the same step again. */
async function failAndRepeat(at: LocalOperator, n: number, how: CloudErrorClass, step: () => Promise<unknown>): Promise<void> {
  at.cloud.faults.inject({ nth: n, class: how });
  const outcome = await step().catch((error: unknown) => error);
  at.cloud.faults.clear();
  if (outcome instanceof Error) expect(outcome).toSatisfy((error) => error instanceof KopsError && error.exit !== 'bug');
  expect((await at.operator.store.objects.list('locks/')).keys).toEqual([]);
  if (outcome instanceof Error) await step();
}

/** How many cloud calls a step takes. */
async function callsOf(at: LocalOperator, step: () => Promise<unknown>): Promise<number> {
  const before = at.cloud.faults.calls;
  await step();
  const calls = at.cloud.faults.calls - before;
  expect(calls).toBeGreaterThan(7);
  return calls;
}

describe('whichever call of the cloud fails, the same command goes on from there', () => {
  const at = new LocalOperator();
  let stored: Map<string, Uint8Array>;

  const apply = () => at.apply(name);
  const remove = () => deleteCluster(at.operator, name, { apply: true });

  /** Scales, rolls, adds and removes at once. */
  async function change(): Promise<void> {
    const { operator } = at;
    await editInstanceGroup(operator, name, 'nodes-local-1a', (group) => applySettings(group, { set: ['spec.maxSize=3', 'spec.minSize=2', 'spec.machineType=t3.large'] }));
    await editCluster(operator, name, (cluster) => applySettings(cluster, { set: ['spec.sshAccess=10.0.0.0/8'] }));
    const group = await operator.store.getInstanceGroup(name, 'nodes-local-1b');
    await operator.store.putInstanceGroup(name, { ...group.value, metadata: { name: 'more' } }, 'create');
    await operator.store.deleteInstanceGroup(name, 'nodes-local-1b');
  }

  async function expectSettled(): Promise<void> {
    expect(await at.pending(name)).toEqual([]);
    const resources = await at.cloud.describe(name);
    expect(new Set(resources.map(resourceKey)).size).toBe(resources.length);
    expect((await getDrift(at.operator, name)).differences).toEqual([]);
  }

  async function newStart(applied: boolean): Promise<void> {
    await at.newCloud();
    await at.restore(stored);
    if (applied) await apply();
  }

  beforeAll(async () => {
    await at.newCloud();
    await at.create(name);
    stored = await at.snapshot();
  });
  afterAll(() => at.close());

  it.each(classes)('first apply: %s', async (how) => {
    await newStart(false);
    const calls = await callsOf(at, apply);
    for (let n = 1; n <= calls; n++) {
      await newStart(false);
      await failAndRepeat(at, n, how, apply);
      await expectSettled();
    }
  });

  it.each(classes)('a change: %s', async (how) => {
    await newStart(true);
    await change();
    const calls = await callsOf(at, apply);
    for (let n = 1; n <= calls; n++) {
      await newStart(true);
      await change();
      await failAndRepeat(at, n, how, apply);
      await expectSettled();
    }
  });

  it.each(classes)('delete: %s', async (how) => {
    await newStart(true);
    const calls = await callsOf(at, remove);
    for (let n = 1; n <= calls; n++) {
      await newStart(true);
      await failAndRepeat(at, n, how, remove);
      expect(at.cloud.ledger.clusters()).toEqual([]);
      expect((await at.operator.store.objects.list('')).keys).toEqual([]);
    }
  });

  it('a change that would need what is in use to go first is refused before anything happens', async () => {
    await newStart(true);
    await editCluster(at.operator, name, (cluster) => applySettings(cluster, { set: ['spec.subnets[0].cidr=127.16.32.0/21'] }));
    const calls = at.cloud.faults.calls;
    await expect(apply()).rejects.toMatchObject({ code: 'PLAN_NOT_APPLICABLE', message: expect.stringMatching(/cannot change its cidr while it is in use by .*InstanceGroup/) });
    expect(at.cloud.faults.calls - calls).toBe(1);
  });
});
