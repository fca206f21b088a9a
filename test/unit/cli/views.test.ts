import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatCompleted } from '../../../src/cli/views/completed.ts';
import { afterApply, afterCreate, afterUpdate } from '../../../src/cli/views/next-steps.ts';
import { formatNames, formatObjects } from '../../../src/cli/views/objects.ts';
import { clustersTable, deletionTable, instanceGroupsTable, instancesTable } from '../../../src/cli/views/tables.ts';
import { plannedUpdateText, renderPlannedUpdate } from '../../../src/cli/views/update-view.ts';
import type { PriceBook } from '../../../src/cloud/catalog.ts';
import type { PricedItem, ResourceKind } from '../../../src/cloud/provider.ts';
import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { estimateCost } from '../../../src/cost/estimate.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import { assignStable } from '../../../src/spec/assign.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import { newCluster } from '../../../src/spec/new-cluster.ts';
import { context, prices } from '../spec/test-provider.ts';

const wished = newCluster({ name: 'a.k8s.local', cloud: 'test', zones: ['us-test-1b', 'us-test-1a'], configBase: 'memory://x' });
const completed = completeCluster(wished, context);
const { cluster, instanceGroups } = assignStable(wished, completed);
const golden = (name: string) => join(import.meta.dirname, '../../golden/cli', name);

describe('tables', () => {
  it("have kops' columns, sorted", async () => {
    const row = {
      id: 'i-1',
      nodeName: 'n-1',
      status: 'UpToDate' as const,
      roles: ['node'],
      state: 'running',
      internalIP: '10.0.0.4',
      externalIP: '',
      instanceGroup: 'nodes-us-test-1a',
      machineType: 't2.medium',
    };
    const text = [
      clustersTable([cluster]),
      clustersTable([cluster], { wide: true }),
      instanceGroupsTable(instanceGroups, cluster),
      instancesTable([row]),
      deletionTable([
        { type: 'Network', name: 'b', id: 'vpc-2' },
        { type: 'Group', name: 'a', id: 'asg-1' },
      ]),
    ];
    await expect(text.join('\n')).toMatchFileSnapshot(golden('tables.txt'));
  });
});

describe('objects', () => {
  it('are one document, several documents, or a list', () => {
    expect(formatObjects([cluster], 'json', true).startsWith('{')).toBe(true);
    expect(JSON.parse(formatObjects([], 'json'))).toEqual([]);
    expect(formatObjects([cluster, ...instanceGroups], 'yaml').split('---\n')).toHaveLength(4);
    expect(formatNames([cluster, ...instanceGroups.slice(0, 1)])).toBe('cluster/a.k8s.local\ninstancegroup/control-plane-us-test-1b\n');
  });

  it('say where their values come from', async () => {
    await expect(formatCompleted([completed], 'yaml', true)).toMatchFileSnapshot(golden('completed.yaml'));
    expect(JSON.parse(formatCompleted([completed], 'json', true))).toMatchObject({ cluster: { kind: 'Cluster' }, provenance: { cluster: { 'spec.podCIDR': 'default' } } });
  });
});

describe('the plan of an update', () => {
  const unused = () => Promise.reject(new Error('not called'));
  const count = { min: 1, desired: 1, max: 1 };
  const items: PricedItem[] = [{ item: 'instance', machineType: 't2.medium', count }];
  const kinds = new Map<string, ResourceKind>([['Group', { kind: 'Group', rank: 1, create: unused, update: unused, delete: unused, effect: () => 'update', cost: () => items }]]);
  const desired: DesiredResource[] = [{ kind: 'Group', name: 'nodes', instanceGroup: 'nodes', attributes: { minSize: 1 } }];
  const input = { clusterName: 'a.k8s.local', provider: 'test', region: 'us-test-1', kinds };
  const free = { ...prices, name: 'free', instanceHour: () => 0 };
  const change = (book: PriceBook) => ({ after: estimateCost(desired, { kinds, book, region: 'us-test-1' }), causes: [] });
  const cost = { own: change(free), comparison: change(prices), overBudget: [] };
  const plan = buildPlan({ ...input, desired, actual: [] });

  it('stands with its cost, here and elsewhere', () => {
    expect(renderPlannedUpdate(plan, cost)).toContain('$0 here, about $36.50 a month on test in us-test-1 (prices of 2026-01-01, traffic and requests not counted).\n');
    expect(renderPlannedUpdate(plan, { own: cost.comparison, overBudget: [] })).toContain('total');
    expect(JSON.parse(plannedUpdateText(plan, cost))).toMatchObject({
      changes: 1,
      actions: [{ action: 'create', name: 'nodes' }],
      cost: { totalMonthlyCost: '0.00' },
      comparison: { totalMonthlyCost: '36.50' },
    });
  });

  it('is short when there is nothing to do', () => {
    const actual = [{ kind: 'Group', name: 'nodes', id: 'g-1', attributes: { minSize: 1 }, outputs: { id: 'g-1' }, owned: true }];
    expect(renderPlannedUpdate(buildPlan({ ...input, desired, actual }), cost)).toBe(
      'No changes need to be applied.\nIt costs $0 here, about $36.50 a month on test in us-test-1.\n',
    );
  });
});

describe('what to do next', () => {
  it('is said with commands that can be pasted', async () => {
    const text = [
      afterCreate({ cluster, instanceGroups }),
      afterApply('a.k8s.local', { ready: false }),
      afterApply('a.k8s.local', { ready: true }),
      afterUpdate('a.k8s.local', { rolls: true }),
    ];
    await expect(text.join('\n')).toMatchFileSnapshot(golden('next-steps.txt'));
  });
});
