import { scaleAmount } from '../amount.ts';
import type { Estimate } from '../estimate.ts';
import { cents, decimal } from './money.ts';

const head = [
  'instanceGroup',
  'resourceType',
  'name',
  'component',
  'unit',
  'monthlyQuantity',
  'price',
  'hourlyCost',
  'monthlyCost',
  'minMonthlyCost',
  'maxMonthlyCost',
  'usageBased',
];

/** A line for each figure on the bill (RFC 4180), the total last. What is not known or not counted is empty, never 0. */
export function costToCsv(estimate: Estimate): string {
  const { hoursPerMonth } = estimate;
  const lines = estimate.resources.flatMap(({ kind, name, instanceGroup = '', components }) =>
    components.map(({ name: component, unit, quantity, price, monthly, usageBased }) => [
      instanceGroup,
      kind,
      name,
      component,
      unit,
      quantity ? decimal(quantity.desired, 6) : '',
      price === undefined ? '' : decimal(price, 8),
      monthly ? decimal(scaleAmount(monthly, 1 / hoursPerMonth).desired, 6) : '',
      ...(monthly ? [decimal(monthly.desired, 4), decimal(monthly.min, 4), decimal(monthly.max, 4)] : ['', '', '']),
      String(usageBased),
    ]),
  );
  const { min, desired, max } = estimate.total;
  const total = ['', '', '', 'total', '', '', '', decimal(desired / hoursPerMonth, 4), cents(desired), cents(min), cents(max), ''];
  return [head, ...lines, total].map((line) => `${line.map(field).join(',')}\r\n`).join('');
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
