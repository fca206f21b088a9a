import { type Amount, nothing } from '../amount.ts';
import type { BudgetReason } from '../budget.ts';
import type { CostChange } from '../cost-change.ts';
import { costDelta, type Estimate, isComplete, type PricedResource } from '../estimate.ts';
import { causeText, groupNames, monthlyTotal, usageNotCounted, useText } from './cost-table.ts';
import { atLeast, difference, dollars, hourly, varies } from './money.ts';

/** For a pull request: the sum and what changes first, the rest folded away. */
export function costToMarkdown(clusterName: string, change: CostChange, overBudget: readonly BudgetReason[] = []): string {
  const { before, after } = change;
  const delta = before ? `, ${difference(costDelta(before, after).desired)} against what runs` : '';
  const range = varies(after.total) ? ` (${dollars(after.total.min)} to ${dollars(after.total.max)} as it scales)` : '';
  const sections = [
    `### Cost of ${clusterName}: ${monthlyTotal(after)}${delta}\n`,
    ...overBudget.map(({ message }) => `> **Over budget:** ${message}\n`),
    ...(range === '' ? [] : [`At its current size${range}.\n`]),
    ...causes(change),
    rows(['Instance group', 'Hourly', 'Monthly', 'Least', 'Most'], groupRows(after)),
    `<details><summary>Resources</summary>\n\n${rows(['Resource', 'What', 'Monthly'], resourceRows(after))}\n</details>\n`,
    ...openEnds(after),
    `_Prices: ${after.prices.source}, ${after.prices.date}, ${after.prices.name} ${after.prices.region}._\n`,
  ];
  return sections.join('\n');
}

function causes({ before, causes }: CostChange): string[] {
  if (!before || causes.length === 0) return [];
  const lines = causes.map((cause) => [difference(cause.monthly), `\`${cause.kind}/${cause.name}\``, causeText(cause)]);
  return [rows(['A month', 'Resource', 'Because'], lines)];
}

function groupRows(estimate: Estimate): string[][] {
  const line = (name: string, { min, desired, max }: Amount, resources: readonly PricedResource[]) => {
    const known = { isZero: desired === 0, complete: isComplete(resources) };
    return [name, atLeast(hourly(desired, estimate.hoursPerMonth), known), atLeast(dollars(desired), known), dollars(min), dollars(max)];
  };
  const of = (group: string) => estimate.resources.filter((resource) => (resource.instanceGroup ?? '') === group);
  const groups = groupNames(estimate).map((name) => line(name === '' ? 'shared' : name, estimate.groups.get(name) ?? nothing, of(name)));
  return [...groups, line('**total**', estimate.total, estimate.resources)];
}

function resourceRows({ resources }: Estimate): string[][] {
  return resources
    .filter(({ items }) => items.length > 0)
    .map((resource) => {
      const { kind, name, items, monthly } = resource;
      return [`\`${kind}/${name}\``, items.join(', '), atLeast(dollars(monthly.desired), { isZero: monthly.desired === 0, complete: isComplete([resource]) })];
    });
}

function openEnds(estimate: Estimate): string[] {
  const used = usageNotCounted(estimate).map(useText);
  return [
    ...(used.length === 0 ? [] : [`Billed by use and not in the total: ${used.join(', ')}.\n`]),
    ...(estimate.unpriced.length === 0 ? [] : [`No price is known for, and not in the total: ${estimate.unpriced.map((text) => `\`${text}\``).join(', ')}.\n`]),
    ...estimate.notes.map((note) => `Note: ${note}.\n`),
  ];
}

function rows(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('');
}
