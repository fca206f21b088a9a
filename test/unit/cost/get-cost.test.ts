import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type CostFormat, clusterCostText } from '../../../src/cli/views/cluster-cost-view.ts';
import type { ProviderModule } from '../../../src/cloud/provider.ts';
import type { CostJson } from '../../../src/cost/views/cost-json-form.ts';
import { parseScenarios } from '../../../src/cost/what-if/what-if.ts';
import { type CreateOptions, createCluster } from '../../../src/operations/create-cluster.ts';
import { type CostOptions, getCost } from '../../../src/operations/get-cost.ts';
import type { Operator } from '../../../src/operations/operator.ts';
import { previewUpdate } from '../../../src/operations/update-cluster.ts';
import { awsModule, awsOperator } from './aws-clusters.ts';

const name = 'demo.example.com';
const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const small: CreateOptions = { name, zones: ['us-east-1a'], dns: 'none' };
const large: CreateOptions = { name, zones, dns: 'none', controlPlaneCount: 3, topology: 'private', bastion: true };

let operator: Operator;
beforeEach(() => {
  operator = awsOperator();
});

async function cost(create: CreateOptions, options: CostOptions = {}) {
  await createCluster(operator, create);
  return getCost(operator, name, options);
}
const text = (found: Awaited<ReturnType<typeof cost>>, format: CostFormat) => clusterCostText(found, format, '2026-11-28T12:00:00Z');

describe('what a cluster on AWS costs a month, recomputed to the cent without a call of the cloud', () => {
  // 2 t3.medium, 232 GB gp3, a load balancer, 3 public addresses.
  const ofSmall = 2 * 0.0416 * 730 + 232 * 0.08 + 0.0225 * 730 + 3 * 0.005 * 730;
  // 6 t3.medium, a t3.micro, 728 GB gp3, 3 NAT gateways, 2 load balancers, 9 public addresses.
  const ofLarge = (6 * 0.0416 + 0.0104) * 730 + 728 * 0.08 + (3 * 0.045 + 2 * 0.0225 + 9 * 0.005) * 730;

  it.each([
    ['one control plane and one node, public', small, ofSmall, '106.67'],
    ['three and three, private, in three zones, with a bastion', large, ofLarge, '412.29'],
  ])('%s: $%s', async (_what, create, parts, total) => {
    expect(parts.toFixed(2)).toBe(total);
    const found = await cost(create);
    expect(found.cost.own.after.total.desired).toBeCloseTo(parts, 8);
    expect((JSON.parse(text(found, 'json')) as CostJson).totalMonthlyCost).toBe(total);
    const preview = await previewUpdate(operator, name, { fresh: true });
    expect(preview.cost.own.after.total.desired).toBeCloseTo(parts, 8);
    expect(found.cost.own.after.unpriced).toEqual([]);
  });

  it('also of specs that are not stored', async () => {
    const specs = await createCluster(operator, { ...small, dryRun: true });
    expect((await getCost(operator, specs)).cost.own.after.total.desired).toBeCloseTo(ofSmall, 8);
  });

  it('of a region without prices nothing is said to cost nothing', async () => {
    const found = await cost({ ...small, zones: ['eu-north-1a'] });
    const table = text(found, 'table');
    expect(table).toMatch(/^total +\? +\?$/m);
    expect(table).not.toContain('$0');
    expect(table).not.toContain('EKS');
    expect(text(found, 'markdown')).toContain('| **total** | ? | ? |');
    const { breakdown } = (JSON.parse(text(found, 'json')) as CostJson).projects[0]!;
    for (const resource of breakdown.resources) expect(resource.monthlyCost, resource.name).toBeNull();
  });

  it('machines that Karpenter chooses are named, and in no total', async () => {
    const karpenter: Partial<CreateOptions> = { instanceManager: 'karpenter', discoveryStore: 's3://public' };
    const { after } = (await cost({ ...small, ...karpenter })).cost.own;
    expect(after.unpriced).toEqual(['InstanceGroup/nodes: the machines that Karpenter starts']);
  });

  it('a hosted zone is on the bill of a cluster that has names', async () => {
    const found = await cost({ ...small, dns: 'public', dnsZone: 'example.com' });
    expect(found.cost.own.after.resources.find((resource) => resource.kind === 'Cluster')).toMatchObject({ items: ['hosted zone'], monthly: { desired: 0.5 } });
  });
});

describe('prices that were asked for first', () => {
  it('count from then on', async () => {
    const home = mkdtempSync(join(tmpdir(), 'cost-'));
    const asked: unknown[] = [];
    const figures = { instanceHour: { 'us-east-1': { 't3.medium': 1 } }, volumeGbMonth: {}, volumeIopsMonth: {}, volumeThroughputMonth: {}, unit: {}, usage: {} };
    const module: ProviderModule = {
      ...awsModule,
      refreshPrices: async (_context, regions) => {
        asked.push(regions);
        return { date: '2027-01-01', source: 'the cloud', regions, figures };
      },
    };
    operator = { ...operator, home, providers: { load: async () => module, ofZones: async () => 'aws', comparison: async () => module } };
    await createCluster(operator, small);
    expect((await getCost(operator, name, { refreshPrices: true })).cost.own.after).toMatchObject({
      prices: { date: '2027-01-01' },
      total: { desired: expect.closeTo(106.671 + 2 * (1 - 0.0416) * 730, 6) },
    });
    expect((await getCost(operator, name)).cost.own.after.prices).toEqual({ name: 'aws', region: 'us-east-1', date: '2027-01-01', source: 'the cloud' });
    expect(asked).toEqual([['us-east-1']]);
    rmSync(home, { recursive: true });
  });
});

describe('what it would cost if', () => {
  const scenario = async (create: CreateOptions, what: string) => (await cost(create, { scenarios: parseScenarios([what]) })).scenarios[0]!.estimate.total.desired;
  const machine = 0.0416 * 730;

  it.each([
    ['spot', 3 * machine * -0.55],
    ['arm64', (6 * (0.0336 - 0.0416) + (0.0084 - 0.0104)) * 730],
    ['single-nat', -2 * (0.045 + 0.005) * 730],
    ['ha', 0],
    ['gp3', 0],
    ['spot+arm64', (3 * (0.0336 - 0.0416) + (0.0084 - 0.0104) + 3 * (0.45 * 0.0336 - 0.0416)) * 730],
  ])('%s: the three and three, by as much as the parts that change', async (what, difference) => expect((await scenario(large, what)) - 412.2898).toBeCloseTo(difference, 3));

  it('ha: two more control planes with their disks in the zones that are there', async () => {
    // Each with 64 GB and two volumes of etcd of 20 GB, and a public address.
    expect((await scenario({ ...small, zones }, 'ha')) - (await getCost(operator, name)).cost.own.after.total.desired).toBeCloseTo(2 * (machine + 104 * 0.08 + 0.005 * 730), 6);
  });

  it('region: at that region’s prices', async () => {
    expect(await scenario(small, 'region=eu-west-1')).toBeCloseTo((2 * 0.0456 + 0.0252 + 3 * 0.005) * 730 + 232 * 0.088, 6);
    await expect(getCost(operator, name, { scenarios: parseScenarios(['region=eu-wset-1']) })).rejects.toMatchObject({
      code: 'UNKNOWN_PRICE_REGION',
      message: expect.stringContaining('did you mean eu-west-1?'),
    });
  });

  it('its control plane were EKS', async () => {
    const found = await cost(large);
    // Three control planes with their disks, and the load balancer of the API with three addresses.
    const own = 3 * (machine + 104 * 0.08) + (0.0225 + 3 * 0.005) * 730;
    expect(found.managed).toMatchObject({ name: 'EKS', ownControlPlane: expect.closeTo(own, 6), managedControlPlane: 73, managed: expect.closeTo(412.2898 - own + 73, 3) });
  });

  it('it were rolled: a machine more in each group of workers for a while', async () => {
    const found = await cost({ ...small, nodeCount: 4 });
    const hour = machine / 730 + (128 * 0.08) / 730 + 0.005;
    expect(found.surge).toEqual({ groups: [{ name: 'nodes-us-east-1a', machines: 1, minutes: 20, cost: expect.closeTo(hour / 3, 8) }], total: expect.closeTo(hour / 3, 8) });
  });
});

describe('the answer', () => {
  it.each([
    ['table', 'txt'],
    ['json', 'json'],
    ['yaml', 'yaml'],
    ['csv', 'csv'],
    ['markdown', 'md'],
  ] as const)('as %s', async (format, extension) => {
    const create: CreateOptions = { ...small, dns: 'public', dnsZone: 'example.com', nodeSize: 'm7a.large,m6i.large' };
    await createCluster(operator, create);
    const nodes = (await operator.store.listInstanceGroups(name)).find((group) => group.value.spec.role === 'Node')!.value;
    await operator.store.putInstanceGroup(name, { ...nodes, spec: { ...nodes.spec, maxSize: 3 } }, undefined);
    const found = await getCost(operator, name, {
      usage: { natGatewayGb: 10, internetGb: 200 },
      scenarios: parseScenarios(['spot', 'region=ap-south-1']),
      budget: { maxMonthlyCost: 100, source: 'flags' },
    });
    await expect(text(found, format)).toMatchFileSnapshot(join(import.meta.dirname, `../../golden/cost/${format}.${extension}`));
  });
});
