import { table } from '../../lib/text.ts';
import { formatValue, isLongValue } from '../../plan/render-plan.ts';
import { type Amount, nothing } from '../amount.ts';
import type { CostCause, CostChange } from '../cost-change.ts';
import { costDelta, type Estimate, isComplete, type PricedResource } from '../estimate.ts';
import { atLeast, difference, dollars, hourly, unitPrice, varies } from './money.ts';

/** For people: resources by instance group, the total, the difference and why, what is not in it, where the prices are from. */
export function renderCost(change: CostChange): string {
  const { after } = change;
  return [costRows(after), ...deltaLines(change), ...usageLines(after), ...unpricedLines(after), ...after.notes.map((note) => `Note: ${note}.\n`), originLine(after)].join('');
}

/** One line: `$107.12 a month`, `$0 a month`. */
export function monthlyTotal(estimate: Estimate): string {
  return `${dollars(estimate.total.desired)} a month`;
}

function costRows(estimate: Estimate): string {
  const { prices, total, hoursPerMonth } = estimate;
  const ranges = varies(total);
  const amounts = (amount: Amount, resources: readonly PricedResource[]) => {
    const known = { isZero: amount.desired === 0, complete: isComplete(resources) };
    const range = varies(amount) ? [dollars(amount.min), dollars(amount.max)] : ['', ''];
    return [atLeast(hourly(amount.desired, hoursPerMonth), known), atLeast(dollars(amount.desired), known), ...(ranges ? range : [])];
  };
  const groups = groupNames(estimate).flatMap((group) => {
    const resources = estimate.resources.filter((resource) => (resource.instanceGroup ?? '') === group && resource.items.length > 0);
    if (resources.length === 0) return [];
    const head = [group === '' ? 'shared' : group, '', ...amounts(estimate.groups.get(group) ?? nothing, resources)];
    return [head, ...resources.map((resource) => [`  ${resource.kind}/${resource.name}`, merged(resource), ...amounts(resource.monthly, [resource])])];
  });
  const title = `COST (${prices.name} ${prices.region}, ${prices.date})`;
  // Columns of ranges are empty where nothing varies.
  return trimmed(table([[title, 'WHAT', 'HOURLY', 'MONTHLY', ...(ranges ? ['AT MIN', 'AT MAX'] : [])], ...groups, ['total', '', ...amounts(total, estimate.resources)]]));
}

function trimmed(text: string): string {
  return text.replace(/ +$/gm, '');
}

/** Instance groups by name, then what belongs to none. */
export function groupNames(estimate: Estimate): string[] {
  return [...estimate.groups.keys()].sort((a, b) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1));
}

function merged({ items }: PricedResource): string {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].map(([item, count]) => (count === 1 ? item : `${count} × ${item}`)).join(', ');
}

function deltaLines({ before, after, causes }: CostChange): string[] {
  if (!before) return [];
  const delta = costDelta(before, after).desired;
  if (Math.abs(delta) < 0.005 && causes.length === 0) return ['The cost stays the same.\n'];
  const sentence = `${difference(delta)} a month (${monthlyTotal(before)} now, ${monthlyTotal(after)} then)`;
  const rows = causes.map((cause) => [`  ${difference(cause.monthly)}`, `${cause.kind}/${cause.name}`, causeText(cause)]);
  return [`${sentence}${rows.length > 0 ? ':' : '.'}\n`, table(rows)];
}

/** `new`, `deleted`, `minSize 1 → 2`, `instanceType t3.medium → t3.large of LaunchTemplate/nodes`. */
export function causeText({ reason, fields }: CostCause): string {
  if (reason !== 'changed') return reason;
  if (fields.length === 0) return 'its size';
  return fields.map((change) => `${change.field} ${oldAndNew(change.old, change.new)}${change.of === undefined ? '' : ` of ${change.of}`}`).join(', ');
}

function oldAndNew(old: unknown, next: unknown): string {
  const [from, to] = [formatValue(old), formatValue(next)];
  return isLongValue(from) || isLongValue(to) ? '(changed)' : `${from} → ${to}`;
}

function usageLines(estimate: Estimate): string[] {
  const open = usageNotCounted(estimate);
  const counted = estimate.usage.desired > 0 ? [`Of this, ${dollars(estimate.usage.desired)} a month is billed by use.\n`] : [];
  if (open.length === 0) return counted;
  return [...counted, `Billed by use and not in the total: ${open.map(useText).join(', ')}.\n`];
}

export interface OpenUse {
  name: string;
  unit: string;
  /** Undefined: not known. */
  price?: number;
}

/** `traffic to the internet $0.09 per GB` */
export function useText({ name, unit, price }: OpenUse): string {
  return price === undefined ? `${name} (price not known)` : `${name} ${unitPrice(price)} per ${unit.replace(/-hours$/, '-hour')}`;
}

/** Each kind of use once, with its price. */
export function usageNotCounted(estimate: Estimate): OpenUse[] {
  const open = estimate.resources.flatMap((resource) => resource.components).filter(({ usageBased, quantity }) => usageBased && !quantity);
  return [...new Map(open.map(({ name, unit, price }) => [name, { name, unit, ...(price === undefined ? {} : { price }) }])).values()];
}

function unpricedLines({ unpriced }: Estimate): string[] {
  return unpriced.length === 0 ? [] : [`No price is known for, and not in the total: ${unpriced.join(', ')}.\n`];
}

function originLine({ prices }: Estimate): string {
  return `Prices: ${prices.source}, ${prices.date}, ${prices.region}.\n`;
}
