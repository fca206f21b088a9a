import { describe, expect, it } from 'vitest';
import { awsCosts } from '../../../providers/aws/cost/costs.ts';
import { awsPrices } from '../../../providers/aws/prices.ts';
import type { ResourceKind } from '../../../src/cloud/provider.ts';
import type { ActualResource, DesiredResource } from '../../../src/cloud/resource.ts';
import { costChange } from '../../../src/cost/cost-change.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import { prices } from '../spec/test-provider.ts';
import { groupOf } from './aws-resources.ts';
import { balancer, group, kinds } from './resources.ts';

const unused = () => Promise.reject(new Error('not called'));
const withCosts = (costs: ReadonlyMap<string, Pick<ResourceKind, 'cost'>>): ReadonlyMap<string, ResourceKind> =>
  new Map([...costs].map(([kind, cost], rank) => [kind, { kind, rank, create: unused, update: unused, delete: unused, effect: () => 'update', ...cost }]));
const exists = (resource: DesiredResource, attributes: object = {}): ActualResource => ({
  ...resource,
  id: `${resource.kind}-id`,
  attributes: { ...resource.attributes, ...attributes },
  outputs: { id: `${resource.kind}-id`, latestVersion: '1' },
  owned: true,
});

function change(desired: DesiredResource[], actual: ActualResource[], costs = kinds, book = prices, region = 'us-test-1') {
  const all = withCosts(costs);
  const plan = buildPlan({ clusterName: 'demo', provider: 'test', region, desired, actual, kinds: all, scope: { prune: true } });
  const after = plan.actions.flatMap((action) => (action.action === 'delete' ? [] : [action.desired]));
  return costChange(actual, after, plan, { kinds: costs, book, region });
}

const wanted = (name: string, machineType: string, min: number, max: number) => group(name, machineType, min, max) as DesiredResource;

describe('what a change costs', () => {
  it('is said with the resource and the fields that make the difference, the dearest first', () => {
    const nodes = wanted('nodes', 't2.medium', 2, 4);
    const gone = exists(wanted('old', 'm3.medium', 1, 1));
    const { causes, before, after } = change([nodes, balancer as DesiredResource], [exists(nodes, { min: 1, max: 4, label: 'x' }), gone]);
    expect(causes.map(({ name, reason, monthly, fields }) => ({ name, reason, monthly: Number(monthly.toFixed(2)), fields: fields.map(({ field }) => field) }))).toEqual([
      { name: 'old', reason: 'deleted', monthly: -86, fields: [] },
      { name: 'nodes', reason: 'changed', monthly: 49.5, fields: ['min'] },
      { name: 'api', reason: 'new', monthly: 16.43, fields: [] },
    ]);
    expect(after.total.desired - (before?.total.desired ?? 0)).toBeCloseTo(-86 + 49.5 + 16.425, 6);
  });

  it('has no cause when nothing that matters for the price changes, and none for a cluster that is new', () => {
    const nodes = wanted('nodes', 't2.medium', 2, 4);
    expect(change([nodes], [exists(nodes, { image: 'b' })]).causes).toEqual([]);
    expect(change([nodes], [])).toMatchObject({ causes: [] });
    expect(change([nodes], []).before).toBeUndefined();
  });

  it('finds the field in the launch template on which the price of a group depends', () => {
    const costs = new Map<string, Pick<ResourceKind, 'cost'>>([
      ...Object.entries(awsCosts).map(([kind, cost]): [string, Pick<ResourceKind, 'cost'>] => [kind, { cost }]),
      ['LaunchTemplate', {}],
    ]);
    const desired = groupOf('nodes', { size: [3, 3], instanceType: 't3.large', diskGb: 128 }) as DesiredResource[];
    const [template, asg] = desired as [DesiredResource, DesiredResource];
    const actual = [exists(template, { instanceType: 't3.medium', imageId: 'ami-1' }), exists(asg, { launchTemplate: { id: 'LaunchTemplate-id', version: '1' } })];
    expect(change(desired, actual, costs, awsPrices, 'us-east-1').causes).toEqual([
      {
        kind: 'AutoscalingGroup',
        name: 'nodes.demo.example.com',
        instanceGroup: 'nodes',
        monthly: expect.closeTo(3 * 0.0416 * 730, 6),
        reason: 'changed',
        fields: [{ field: 'instanceType', old: 't3.medium', new: 't3.large', of: 'LaunchTemplate/nodes.demo.example.com' }],
      },
    ]);
  });
});
