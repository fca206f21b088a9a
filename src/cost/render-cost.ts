import { table } from '../lib/text.ts';
import { costDelta, type Estimate } from './estimate.ts';
import { type Amount, nothing } from './price-item.ts';

/** An estimate beside what runs today. `before` is absent for a cluster that does not exist yet. */
export interface CostChange {
  before?: Estimate;
  after: Estimate;
}

/** A table by instance group, with the total and what is not in it. */
export function renderCost({ before, after }: CostChange): string {
  const { prices, total, hoursPerMonth } = after;
  const head = [`COST (${prices.name} ${prices.region}, ${prices.date})`, 'WHAT', 'HOURLY', 'MONTHLY'];
  const groups = [...after.groups].sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1));
  const rows = groups.map(([group, amount]) => [group === '' ? 'shared' : group, itemsOf(after, group), ...money(amount, hoursPerMonth)]);
  const lines = [table([head, ...rows, ['total', '', ...money(total, hoursPerMonth)]])];
  const delta = before ? renderDelta(before, after) : undefined;
  if (delta !== undefined) lines.push(`${delta}\n`);
  if (after.unpriced.length > 0) lines.push(`No price is known for: ${after.unpriced.join(', ')}.\n`);
  return lines.join('');
}

/** One line: `$107.12 a month`, `$0 a month`. */
export function monthlyTotal(estimate: Estimate): string {
  return `${dollars(estimate.total.desired * estimate.hoursPerMonth)} a month`;
}

export function renderDelta(before: Estimate, after: Estimate): string {
  const delta = costDelta(before, after).desired * after.hoursPerMonth;
  if (Math.abs(delta) < 0.005) return 'The cost stays the same.';
  return `${delta > 0 ? '+' : '-'}${dollars(Math.abs(delta))} a month (${monthlyTotal(before)} now, ${monthlyTotal(after)} then).`;
}

/** For programs: numbers in USD, hourly to four and monthly to two places. */
export interface CostJson {
  currency: 'USD';
  prices: Estimate['prices'];
  totalHourlyCost: number;
  totalMonthlyCost: number;
  minMonthlyCost: number;
  maxMonthlyCost: number;
  /** Against what runs today. */
  diffTotalMonthlyCost: number;
  instanceGroups: { name: string; hourlyCost: number; monthlyCost: number }[];
  resources: { kind: string; name: string; item: string; hourlyCost: number; monthlyCost: number }[];
  unpriced: string[];
}

export function costToJson({ before, after }: CostChange): CostJson {
  const month = (hourly: number) => round(hourly * after.hoursPerMonth, 2);
  const { total } = after;
  return {
    currency: after.currency,
    prices: after.prices,
    totalHourlyCost: round(total.desired, 4),
    totalMonthlyCost: month(total.desired),
    minMonthlyCost: month(total.min),
    maxMonthlyCost: month(total.max),
    diffTotalMonthlyCost: month(total.desired - (before?.total ?? nothing).desired),
    instanceGroups: [...after.groups].filter(([name]) => name !== '').map(([name, amount]) => ({ name, hourlyCost: round(amount.desired, 4), monthlyCost: month(amount.desired) })),
    resources: after.lines.map(({ kind, name, item, hourly }) => ({ kind, name, item, hourlyCost: round(hourly.desired, 4), monthlyCost: month(hourly.desired) })),
    unpriced: after.unpriced,
  };
}

function itemsOf(estimate: Estimate, group: string): string {
  const items = estimate.lines.filter((line) => (line.instanceGroup ?? '') === group).map((line) => line.item);
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].map(([item, count]) => (count === 1 ? item : `${count} × ${item}`)).join(', ');
}

function money(amount: Amount, hoursPerMonth: number): string[] {
  return [amount.desired === 0 ? '$0' : `$${amount.desired.toFixed(4)}`, monthly(amount, hoursPerMonth)];
}

/** `$30.37`, with the range when the size may change: `$30.37 ($30.37 to $91.10)`. */
function monthly(amount: Amount, hoursPerMonth: number): string {
  const text = dollars(amount.desired * hoursPerMonth);
  return amount.min === amount.max ? text : `${text} (${dollars(amount.min * hoursPerMonth)} to ${dollars(amount.max * hoursPerMonth)})`;
}

function dollars(value: number): string {
  return value === 0 ? '$0' : `$${value.toFixed(2)}`;
}

function round(value: number, places: number): number {
  return Number(value.toFixed(places));
}
