import { beforeEach, describe, expect, it } from 'vitest';
import { renderError } from '../../../src/cli/render-error.ts';
import { plannedUpdateText } from '../../../src/cli/views/update-view.ts';
import type { ProviderModule } from '../../../src/cloud/provider.ts';
import type { Budget } from '../../../src/cost/budget.ts';
import type { OverBudgetError } from '../../../src/operations/budget.ts';
import { createCluster } from '../../../src/operations/create-cluster.ts';
import { getCost } from '../../../src/operations/get-cost.ts';
import { isStored } from '../../../src/operations/stored-clusters.ts';
import { applyUpdate, previewUpdate } from '../../../src/operations/update-cluster.ts';
import { type Workbench, workbench } from './test-cloud.ts';

const name = 'a.k8s.local';
const zones = ['us-test-1a'];
const limit = (more: Partial<Budget>): { budget: Budget } => ({ budget: { ...more, source: 'flags' } });
/** One control plane at 0.1 and two workers at 0.05 an hour. */
const cost = 0.15 * 730;

let bench: Workbench;
beforeEach(() => {
  bench = workbench('/nowhere/kubeconfig');
});

async function stored(annotations: Record<string, string> = {}): Promise<void> {
  await createCluster(bench.operator, { name, zones });
  const { value, etag } = await bench.operator.store.getCluster(name);
  await bench.operator.store.putCluster({ ...value, metadata: { ...value.metadata, annotations } }, etag);
}

/** The same cloud, of which only the model and the prices may be asked. */
function withoutCalls(): void {
  const { module } = bench.cloud;
  const never = async () => {
    throw new Error('a call of the cloud was made');
  };
  const silent: ProviderModule = { ...module, open: async (context) => ({ ...(await module.open(context)), facts: never, inventory: never, apiEndpoint: never }) };
  bench.operator = { ...bench.operator, providers: { ...bench.operator.providers, load: async () => silent } };
}

describe('over budget', () => {
  it('create stores nothing, and says what it would cost and why that is too much', async () => {
    withoutCalls();
    const error = await createCluster(bench.operator, { name, zones, prices: limit({ maxMonthlyCost: 100 }) }).catch((thrown: OverBudgetError) => thrown);
    const rendered = renderError(error, { flags: [], bin: 'kops-ts', id: 'create:cluster', argv: [], commands: [] });
    expect(rendered.exitCode).toBe(8);
    expect(rendered.json.error).toMatchObject({
      code: 'OVER_BUDGET',
      object: name,
      reasons: [{ limit: 'max-monthly-cost', source: 'flags', allowed: '100.00', actual: '109.50', message: '$109.50 a month is more than $100.00 (--max-monthly-cost)' }],
    });
    expect((error as OverBudgetError).cost.own.after.total.desired).toBeCloseTo(cost, 6);
    expect(await isStored(bench.operator, name)).toBe(false);
  });

  it.each([
    ['a flag', {}, limit({ maxMonthlyCost: 100 })],
    ["an annotation of the cluster's", { 'kops-ts.io/max-monthly-cost': '100' }, {}],
    ['an annotation, whatever the flag allows', { 'kops-ts.io/max-monthly-cost': '100' }, limit({ maxMonthlyCost: 500 })],
  ])('update is refused by %s before any call of the cloud, with and without --yes', async (_what, annotations, options) => {
    await stored(annotations);
    withoutCalls();
    await expect(previewUpdate(bench.operator, name, options)).rejects.toMatchObject({ code: 'OVER_BUDGET' });
    await expect(applyUpdate(bench.operator, name, { ...options, kubeconfig: false })).rejects.toMatchObject({ code: 'OVER_BUDGET', exitCode: 8 });
    expect(bench.cloud.calls).toEqual([]);
  });

  it('an increase is judged against what runs: shown in the preview, refused when it is to be applied', async () => {
    await stored({ 'kops-ts.io/max-increase': '20%' });
    await applyUpdate(bench.operator, name, { kubeconfig: false });
    const before = bench.cloud.calls.length;
    const [group] = (await bench.operator.store.listInstanceGroups(name)).filter((candidate) => candidate.value.spec.role === 'Node');
    await bench.operator.store.putInstanceGroup(name, { ...group!.value, spec: { ...group!.value.spec, minSize: 4, maxSize: 4 } }, undefined);
    const preview = await previewUpdate(bench.operator, name);
    expect(preview.cost.overBudget.map((reason) => reason.limit)).toEqual(['max-increase']);
    const document = JSON.parse(plannedUpdateText(preview.plan, preview.cost));
    expect(document.cost.estimate.overBudget).toMatchObject([{ limit: 'max-increase', source: 'spec' }]);
    expect(JSON.stringify(document)).not.toContain('timeGenerated');
    await expect(applyUpdate(bench.operator, name, { kubeconfig: false })).rejects.toMatchObject({ code: 'OVER_BUDGET' });
    expect(bench.cloud.calls.length).toBe(before);
    const generous = { kubeconfig: false, ...limit({ maxIncrease: { percent: 500 } }) };
    await expect(applyUpdate(bench.operator, name, generous), 'the limit of the spec stays').rejects.toMatchObject({ code: 'OVER_BUDGET' });
  });

  it('what has no price is in no judgement, and that is said', async () => {
    await createCluster(bench.operator, { name, zones, nodeSize: 't3.medium', prices: limit({ maxMonthlyCost: 100 }) });
    const warnings = bench.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    expect(warnings.at(-1)).toBe('the budget is judged without what has no price: Group/nodes-us-test-1a: 1 × t3.medium');
  });

  it('get cost shows it', async () => {
    await stored({ 'kops-ts.io/max-monthly-cost': '100' });
    expect((await getCost(bench.operator, name)).cost.overBudget).toHaveLength(1);
    expect((await getCost(bench.operator, name, limit({ maxMonthlyCost: 99 }))).cost.overBudget).toHaveLength(2);
  });
});

it('within its budget a cluster is created and updated', async () => {
  await createCluster(bench.operator, { name, zones, prices: limit({ maxMonthlyCost: 110 }) });
  await applyUpdate(bench.operator, name, { kubeconfig: false, ...limit({ maxMonthlyCost: 110, maxIncrease: { percent: 0 } }) });
  expect(bench.cloud.calls.length).toBeGreaterThan(0);
});
