import { expect, it } from 'vitest';
import type { ActualResource, DesiredResource } from '../../../src/cloud/resource.ts';
import { pricePlan } from '../../../src/operations/price-plan.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import { awsContext, awsOperator, awsProvider } from '../cost/aws-clusters.ts';

const volume: DesiredResource = { kind: 'EBSVolume', name: 'a.etcd-main', attributes: { volumeType: 'gp3', size: 20, encrypted: true } };
const balancer: DesiredResource = { kind: 'NetworkLoadBalancer', name: 'web', attributes: { scheme: 'internal', subnetMappings: [] } };
const exists = (resource: DesiredResource, more: Partial<ActualResource> = {}): ActualResource => ({ ...resource, id: resource.name, outputs: {}, owned: true, ...more });

async function priced(desired: DesiredResource[], actual: ActualResource[]) {
  const kinds = new Map([...awsProvider.kinds].map(([kind, cost], rank) => [kind, { ...cost, rank, effect: () => 'update' as const }]));
  const plan = buildPlan({ clusterName: 'demo.example.com', provider: 'aws', region: 'us-east-1', desired, actual, kinds, scope: { prune: false } });
  return pricePlan(awsOperator(), awsContext(), { ...awsProvider, kinds }, { plan, desired, actual }, {});
}

it('what the cloud chose by itself, such as the key of a disk, makes no difference', async () => {
  const { own } = await priced([volume], [exists(volume, { attributes: { ...volume.attributes, kmsKeyId: 'the default one' } })]);
  expect(own).toMatchObject({ before: { total: { desired: 1.6 } }, after: { total: { desired: 1.6 } }, causes: [] });
});

it("what a Service had made is not in the plan's total, but named", async () => {
  const { own } = await priced([volume], [exists(volume), exists(balancer, { manager: 'kubernetes' })]);
  expect(own.after.total.desired).toBeCloseTo(1.6, 6);
  expect(own.after.notes).toEqual(['made by the cluster itself, not in the total: NetworkLoadBalancer/web ($16.43 a month)']);
});

it('what is in no spec any more, and stays, is on the bill', async () => {
  const { own } = await priced([volume], [exists(volume), exists({ ...volume, name: 'old' })]);
  expect(own.after.total.desired).toBeCloseTo(3.2, 6);
});
