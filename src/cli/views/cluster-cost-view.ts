import { scaleAmount } from '../../cost/amount.ts';
import { isComplete } from '../../cost/estimate.ts';
import { costToCsv } from '../../cost/views/cost-csv.ts';
import { costToMarkdown } from '../../cost/views/cost-markdown.ts';
import { cents, difference, dollars, varies } from '../../cost/views/money.ts';
import { plural, table } from '../../lib/text.ts';
import { formatYaml } from '../../lib/yaml.ts';
import type { ClusterCost, ScenarioCost } from '../../operations/get-cost.ts';
import { planCostToJson, renderPlanCost } from './cost-view.ts';
import { formatJson } from './objects.ts';

export type CostFormat = 'table' | 'json' | 'yaml' | 'csv' | 'markdown';

/** `timeGenerated`: RFC 3339; stands in JSON and YAML. */
export function clusterCostText(found: ClusterCost, format: CostFormat, timeGenerated: string): string {
  switch (format) {
    case 'json':
      return formatJson(clusterCostToJson(found, timeGenerated));
    case 'yaml':
      return formatYaml(clusterCostToJson(found, timeGenerated));
    case 'csv':
      return costToCsv(shown(found).after);
    case 'markdown':
      return [costToMarkdown(found.cluster, shown(found), found.cost.overBudget), ...markdownScenarios(found), ...remarks(found).map((line) => `${line}\n`)].join('\n');
    case 'table':
      return [
        renderPlanCost(found.cost),
        ...(found.scenarios.length > 0 ? [`\n${table(scenarioRows(found))}`, ...scenarioNotes(found.scenarios)] : []),
        `\n${remarks(found).join('\n')}\n`,
      ].join('');
  }
}

/** The prices that count: those beside a free cloud's own. */
function shown({ cost }: ClusterCost) {
  return cost.comparison ?? cost.own;
}

function scenarioRows(found: ClusterCost): string[][] {
  const base = shown(found).after;
  const ranges = [base, ...found.scenarios.map(({ estimate }) => estimate)].some(({ total }) => varies(total));
  const range = ({ total }: ScenarioCost['estimate']) => (ranges ? [varies(total) ? `${dollars(total.min)} to ${dollars(total.max)}` : '-'] : []);
  return [
    ['WHAT IF', 'MONTHLY', 'DIFFERENCE', ...(ranges ? ['AS IT SCALES'] : [])],
    ['as it is', dollars(base.total.desired), '-', ...range(base)],
    ...found.scenarios.map(({ name, estimate }) => [name, ...compared(base.total.desired, estimate, estimate.unpriced.length > base.unpriced.length), ...range(estimate)]),
  ];
}

/** What has parts without a price is not cheaper for it. */
function compared(base: number, { total }: ScenarioCost['estimate'], incomplete: boolean): string[] {
  if (incomplete) return [`more than ${dollars(total.desired)}`, 'not known'];
  const delta = total.desired - base;
  const share = base === 0 ? '' : ` (${delta > 0 ? '+' : ''}${((delta / base) * 100).toFixed(1)} %)`;
  return [dollars(total.desired), Math.abs(delta) < 0.005 ? '$0' : `${difference(delta)}${share}`];
}

function scenarioNotes(scenarios: readonly ScenarioCost[]): string[] {
  return scenarios.flatMap(({ name, notes, estimate }) => [
    ...[...notes, ...estimate.notes].map((note) => `${name}: ${note}.\n`),
    ...(estimate.unpriced.length > 0 ? [`${name}: no price is known for ${estimate.unpriced.join(', ')}.\n`] : []),
  ]);
}

function markdownScenarios(found: ClusterCost): string[] {
  if (found.scenarios.length === 0) return [];
  const [head = [], ...rows] = scenarioRows(found);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [[line(head), line(head.map(() => '---')), ...rows.map(line), ...scenarioNotes(found.scenarios).map((note) => `\n${note}`)].join('')];
}

/** What else is worth knowing, each a line. */
function remarks(found: ClusterCost): string[] {
  const { managed, surge } = found;
  const { reserved, total } = shown(found).after;
  return [
    ...(managed
      ? [
          `${managed.name} with the same workers: about ${dollars(managed.managed)} a month. Its control plane costs ${dollars(managed.managedControlPlane)} (${dollars(managed.extendedControlPlane)} in extended support), the one here ${dollars(managed.ownControlPlane)}.`,
        ]
      : []),
    ...(reserved && total.desired - reserved.desired >= 0.005 ? [`With machines reserved for a year and paid at its beginning: ${dollars(reserved.desired)} a month.`] : []),
    surgeText(surge, isComplete(shown(found).after.resources)),
  ];
}

/** Groups follow one another. */
function surgeText({ groups, total }: ClusterCost['surge'], complete: boolean): string {
  if (groups.length === 0) return 'A rolling update adds no machines.';
  const most = Math.max(...groups.map(({ machines }) => machines));
  const minutes = groups.reduce((sum, group) => sum + group.minutes, 0);
  const cost = complete ? ` costs about ${dollars(Math.max(0.01, total))} once` : '';
  return `A rolling update of everything${cost}: ${plural(most, 'machine')} more at a time, for about ${minutes} minutes.`;
}

function clusterCostToJson(found: ClusterCost, timeGenerated: string): object {
  const { managed, surge } = found;
  const { cost, comparison } = planCostToJson(found.cluster, found.cost, timeGenerated);
  const { reserved, hoursPerMonth } = shown(found).after;
  return {
    ...cost,
    estimate: {
      ...cost.estimate,
      ...(reserved ? { reservedMonthlyCost: cents(reserved.desired) } : {}),
      ...(managed
        ? {
            managed: {
              name: managed.name,
              monthlyCost: cents(managed.managed),
              controlPlaneMonthlyCost: cents(managed.managedControlPlane),
              extendedControlPlaneMonthlyCost: cents(managed.extendedControlPlane),
              ownControlPlaneMonthlyCost: cents(managed.ownControlPlane),
            },
          }
        : {}),
      rollingUpdate: { cost: surge.total.toFixed(4), groups: surge.groups.map((group) => ({ ...group, cost: group.cost.toFixed(4) })) },
      whatIfs: found.scenarios.map(({ name, estimate, notes }) => {
        const delta = estimate.total.desired - shown(found).after.total.desired;
        const { min, desired, max } = estimate.total;
        return {
          name,
          prices: estimate.prices,
          hourlyCost: scaleAmount(estimate.total, 1 / hoursPerMonth).desired.toFixed(4),
          monthlyCost: cents(desired),
          minMonthlyCost: cents(min),
          maxMonthlyCost: cents(max),
          diffMonthlyCost: cents(delta),
          unpriced: estimate.unpriced,
          notes: [...notes, ...estimate.notes],
        };
      }),
    },
    ...(comparison ? { comparison } : {}),
  };
}
