import type { Amount } from '../amount.ts';
import type { BudgetReason } from '../budget.ts';
import type { CostCause, CostChange } from '../cost-change.ts';
import type { Estimate, PricedResource } from '../estimate.ts';
import type { CostComponent } from '../price-item.ts';
import { difference } from './cost-json-diff.ts';
import type { BreakdownJson, ComponentJson, CostJson, EstimateJson, ResourceJson, SizesJson, SummaryJson } from './cost-json-form.ts';
import { groupNames, usageNotCounted } from './cost-table.ts';
import { cents, decimal } from './money.ts';

export interface CostJsonOptions {
  clusterName: string;
  timeGenerated?: string;
  overBudget?: readonly BudgetReason[];
}

const none: Estimate['resources'] = [];

export function costToJson({ before, after, causes }: CostChange, { clusterName, timeGenerated, overBudget }: CostJsonOptions): CostJson {
  const { hoursPerMonth } = after;
  const now = breakdown(before?.resources ?? none, hoursPerMonth);
  const then = breakdown(after.resources, hoursPerMonth);
  const diff = difference(now, then);
  const summary = summaryOf(after);
  return {
    version: '0.2',
    currency: after.currency,
    projects: [{ name: clusterName, displayName: clusterName, metadata: { path: clusterName, type: 'kops_cluster' }, pastBreakdown: now, breakdown: then, diff, summary }],
    totalHourlyCost: then.totalHourlyCost,
    totalMonthlyCost: then.totalMonthlyCost,
    totalMonthlyUsageCost: then.totalMonthlyUsageCost,
    pastTotalHourlyCost: now.totalHourlyCost,
    pastTotalMonthlyCost: now.totalMonthlyCost,
    pastTotalMonthlyUsageCost: now.totalMonthlyUsageCost,
    diffTotalHourlyCost: diff.totalHourlyCost,
    diffTotalMonthlyCost: diff.totalMonthlyCost,
    diffTotalMonthlyUsageCost: diff.totalMonthlyUsageCost,
    ...(timeGenerated === undefined ? {} : { timeGenerated }),
    summary,
    estimate: { ...estimateToJson(after, causes), ...(overBudget && overBudget.length > 0 ? { overBudget: overBudget.map(reasonToJson) } : {}) },
  };
}

function estimateToJson(estimate: Estimate, causes: readonly CostCause[]): EstimateJson {
  return {
    prices: estimate.prices,
    hoursPerMonth: estimate.hoursPerMonth,
    ...sizes(estimate.total),
    instanceGroups: groupNames(estimate).flatMap((name) => (name === '' ? [] : [{ name, ...sizes(estimate.groups.get(name)) }])),
    usageBased: usageNotCounted(estimate).map(({ name, unit, price }) => ({ name, unit, price: price === undefined ? null : decimal(price, 8) })),
    unpriced: estimate.unpriced,
    notes: estimate.notes,
    causes: causes.map(({ monthly, ...cause }) => ({ ...cause, monthlyCost: cents(monthly) })),
  };
}

export function reasonToJson({ allowed, actual, ...reason }: BudgetReason): Omit<BudgetReason, 'allowed' | 'actual'> & { allowed: string; actual: string } {
  return { ...reason, allowed: cents(allowed), actual: cents(actual) };
}

function breakdown(resources: readonly PricedResource[], hoursPerMonth: number): BreakdownJson {
  const total = resources.reduce((sum, resource) => sum + resource.monthly.desired, 0);
  const used = resources.flatMap((resource) => resource.components).reduce((sum, part) => sum + (part.usageBased ? (part.monthly?.desired ?? 0) : 0), 0);
  return { resources: resources.map((resource) => resourceToJson(resource, hoursPerMonth)), ...totals(total, used, hoursPerMonth) };
}

function totals(monthly: number, used: number, hoursPerMonth: number) {
  return { totalHourlyCost: decimal(monthly / hoursPerMonth, 4), totalMonthlyCost: cents(monthly), totalMonthlyUsageCost: cents(used) };
}

function resourceToJson({ kind, name, instanceGroup, components, monthly }: PricedResource, hoursPerMonth: number): ResourceJson {
  const unknown = components.every((component) => !component.monthly);
  return {
    name: `${kind}.${name}`,
    resourceType: kind,
    metadata: instanceGroup === undefined ? {} : { instanceGroup },
    hourlyCost: unknown ? null : decimal(monthly.desired / hoursPerMonth, 6),
    monthlyCost: unknown ? null : decimal(monthly.desired, 4),
    costComponents: components.map((component) => componentToJson(component, hoursPerMonth)),
  };
}

function componentToJson({ name, unit, quantity, price, monthly, usageBased }: CostComponent, hoursPerMonth: number): ComponentJson {
  return {
    name,
    unit,
    hourlyQuantity: quantity ? decimal(quantity.desired / hoursPerMonth, 8) : null,
    monthlyQuantity: quantity ? decimal(quantity.desired, 6) : null,
    price: decimal(price ?? 0, 8),
    hourlyCost: monthly ? decimal(monthly.desired / hoursPerMonth, 6) : null,
    monthlyCost: monthly ? decimal(monthly.desired, 4) : null,
    ...(usageBased ? { usageBased: true } : {}),
    priceNotFound: price === undefined,
  };
}

function summaryOf({ resources, freeCount }: Estimate): SummaryJson {
  const unknown = resources.filter(({ components }) => components.some(({ price, usageBased }) => price === undefined && !usageBased));
  const used = resources.filter(({ components }) => components.some(({ usageBased }) => usageBased));
  const counts: Record<string, number> = {};
  for (const resource of unknown) counts[resource.kind] = (counts[resource.kind] ?? 0) + 1;
  return {
    totalDetectedResources: resources.length + freeCount,
    totalSupportedResources: resources.length - unknown.length,
    totalUnsupportedResources: unknown.length,
    totalUsageBasedResources: used.length,
    totalNoPriceResources: freeCount,
    unsupportedResourceCounts: counts,
    noPriceResourceCounts: {},
  };
}

function sizes(amount: Amount | undefined): SizesJson {
  return { minMonthlyCost: cents(amount?.min ?? 0), monthlyCost: cents(amount?.desired ?? 0), maxMonthlyCost: cents(amount?.max ?? 0) };
}
