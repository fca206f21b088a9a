import { describe, expect, it } from 'vitest';
import { estimateCost } from '../../../src/cost/estimate.ts';
import { costToJson } from '../../../src/cost/views/cost-json.ts';
import type { BreakdownJson } from '../../../src/cost/views/cost-json-form.ts';
import { prices } from '../spec/test-provider.ts';
import { balancer, group, kinds, network } from './resources.ts';

const context = { kinds, book: prices, region: 'us-test-1' };
const before = estimateCost([group('nodes', 't2.medium', 1, 2), group('old', 'm3.medium', 1, 1)], context);
const after = estimateCost([group('nodes', 't2.medium', 3, 4), group('odd', 'x1.nobody', 1, 1), balancer, network], { ...context, usage: { internetGb: 300 } });
const json = costToJson({ before, after, causes: [] }, { clusterName: 'demo.k8s.local', timeGenerated: '2026-11-28T12:00:00Z' });
const [project] = json.projects;

describe("infracost's form", () => {
  it('has every field that its tools read, and amounts as decimal numbers in strings', () => {
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining([
        'version',
        'currency',
        'projects',
        'totalHourlyCost',
        'totalMonthlyCost',
        'pastTotalMonthlyCost',
        'diffTotalMonthlyCost',
        'timeGenerated',
        'summary',
      ]),
    );
    expect(Object.keys(project!).sort()).toEqual(['breakdown', 'diff', 'displayName', 'metadata', 'name', 'pastBreakdown', 'summary']);
    for (const [name, value] of Object.entries(json)) if (/Cost$/.test(name)) expect(value, name).toMatch(/^-?\d+(\.\d+)?$/);
    for (const component of project!.breakdown.resources.flatMap((resource) => resource.costComponents))
      expect(Object.keys(component).filter((key) => key !== 'usageBased')).toEqual([
        'name',
        'unit',
        'hourlyQuantity',
        'monthlyQuantity',
        'price',
        'hourlyCost',
        'monthlyCost',
        'priceNotFound',
      ]);
  });

  it('adds up: components to resources, resources to the total, and what is now plus the difference to what is then', () => {
    const sum = (costs: readonly (string | null)[]) => costs.reduce((total, cost) => total + Number(cost ?? 0), 0);
    const total = ({ resources, totalMonthlyCost }: BreakdownJson) => {
      for (const resource of resources) expect(sum(resource.costComponents.map((component) => component.monthlyCost)), resource.name).toBeCloseTo(Number(resource.monthlyCost), 3);
      expect(sum(resources.map((resource) => resource.monthlyCost))).toBeCloseTo(Number(totalMonthlyCost), 1);
      return Number(totalMonthlyCost);
    };
    const { pastBreakdown, breakdown, diff } = project!;
    expect(total(pastBreakdown) + total(diff)).toBeCloseTo(total(breakdown), 6);
    expect(diff.resources.map((resource) => [resource.name, Number(resource.monthlyCost) > 0])).toEqual([
      ['InstanceGroup.nodes', true],
      ['InstanceGroup.old', false],
      ['InstanceGroup.odd', true],
      ['LoadBalancer.api', true],
    ]);
    expect(json).toMatchObject({ totalMonthlyCost: breakdown.totalMonthlyCost, pastTotalMonthlyCost: pastBreakdown.totalMonthlyCost, totalMonthlyUsageCost: '20.00' });
  });

  it('counts what is priced, free, billed by use, and without a price', () => {
    expect(json.summary).toEqual({
      totalDetectedResources: 4,
      totalSupportedResources: 2,
      totalUnsupportedResources: 1,
      totalUsageBasedResources: 1,
      totalNoPriceResources: 1,
      unsupportedResourceCounts: { InstanceGroup: 1 },
      noPriceResourceCounts: {},
    });
    const odd = project!.breakdown.resources.find((resource) => resource.name === 'InstanceGroup.odd');
    expect(odd?.costComponents[0]).toMatchObject({ priceNotFound: true, monthlyCost: null });
  });
});
