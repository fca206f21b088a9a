import type { BudgetReason } from '../budget.ts';
import type { CostCause } from '../cost-change.ts';
import type { Estimate } from '../estimate.ts';

/**
 * The form that infracost writes and its tools read (version 0.2): amounts are decimal numbers in strings, of USD; null is not known.
 * All that it has no place for stands under `estimate`.
 */
export interface CostJson {
  version: '0.2';
  currency: 'USD';
  projects: ProjectJson[];
  totalHourlyCost: string;
  totalMonthlyCost: string;
  totalMonthlyUsageCost: string;
  pastTotalHourlyCost: string;
  pastTotalMonthlyCost: string;
  pastTotalMonthlyUsageCost: string;
  diffTotalHourlyCost: string;
  diffTotalMonthlyCost: string;
  diffTotalMonthlyUsageCost: string;
  /** Only where a time stamp belongs: `get cost`. */
  timeGenerated?: string;
  summary: SummaryJson;
  estimate: EstimateJson;
}

export interface ProjectJson {
  name: string;
  displayName: string;
  metadata: { path: string; type: 'kops_cluster' };
  pastBreakdown: BreakdownJson;
  breakdown: BreakdownJson;
  diff: BreakdownJson;
  summary: SummaryJson;
}

export interface BreakdownJson {
  resources: ResourceJson[];
  totalHourlyCost: string;
  totalMonthlyCost: string;
  totalMonthlyUsageCost: string;
}

export interface ResourceJson {
  /** `AutoscalingGroup.nodes-us-east-1a.demo.example.com` */
  name: string;
  resourceType: string;
  metadata: { instanceGroup?: string };
  /** null: of no part is it known, or all is billed by use. */
  hourlyCost: string | null;
  monthlyCost: string | null;
  costComponents: ComponentJson[];
}

export interface ComponentJson {
  name: string;
  unit: string;
  hourlyQuantity: string | null;
  monthlyQuantity: string | null;
  price: string;
  hourlyCost: string | null;
  monthlyCost: string | null;
  usageBased?: true;
  priceNotFound: boolean;
}

export interface SummaryJson {
  totalDetectedResources: number;
  totalSupportedResources: number;
  totalUnsupportedResources: number;
  totalUsageBasedResources: number;
  totalNoPriceResources: number;
  unsupportedResourceCounts: Record<string, number>;
  noPriceResourceCounts: Record<string, number>;
}

export interface SizesJson {
  minMonthlyCost: string;
  monthlyCost: string;
  maxMonthlyCost: string;
}

export interface EstimateJson extends SizesJson {
  prices: Estimate['prices'];
  hoursPerMonth: number;
  instanceGroups: ({ name: string } & SizesJson)[];
  /** What is billed by use, and its price (null: not known); in no total. */
  usageBased: { name: string; unit: string; price: string | null }[];
  /** What has no price in the book; in no total. */
  unpriced: string[];
  notes: string[];
  causes: (Omit<CostCause, 'monthly'> & { monthlyCost: string })[];
  /** What exceeds the budget. */
  overBudget?: (Omit<BudgetReason, 'allowed' | 'actual'> & { allowed: string; actual: string })[];
}
