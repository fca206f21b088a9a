import type { PriceBook } from '../../cloud/catalog.ts';
import { table } from '../../lib/text.ts';
import { formatYaml } from '../../lib/yaml.ts';
import { formatJson } from './objects.ts';

/** Where a book's figures are from, and for which regions. */
export function pricesText({ name, currency, date, source, hoursPerMonth, regions, origins }: PriceBook, format: string): string {
  const data = { name, currency, date, source, hoursPerMonth, regions, origins };
  if (format === 'json') return formatJson(data);
  if (format === 'yaml') return formatYaml(data);
  const head = [`Prices of ${name}: ${source}, ${date}, ${currency}, ${hoursPerMonth} hours a month.`, `Regions: ${regions.join(', ')}.`, ''];
  return `${head.join('\n')}\n${table([['FIGURES', 'DATE', 'SOURCE'], ...origins.map((origin) => [origin.figures, origin.date, origin.source])], 2)}`;
}
