import { table } from '../../lib/text.ts';
import type { MachineChoice } from '../../operations/select-machine-types.ts';
import { formatJson } from './objects.ts';

/** Cheapest first; where prices come from in the last line. */
export function machineTypesText({ machines, prices }: MachineChoice, output: string): string {
  if (output === 'json') return formatJson({ prices, machineTypes: machines });
  const rows = machines.map(({ name, vcpus, memoryGib, architecture, hourly }) => [
    name,
    String(vcpus),
    String(memoryGib),
    architecture,
    hourly === undefined ? '-' : `$${hourly.toFixed(4)}`,
    hourly === undefined ? '-' : `$${(hourly * prices.hoursPerMonth).toFixed(2)}`,
  ]);
  return `${table([['MACHINETYPE', 'VCPUS', 'MEMORY-GIB', 'ARCHITECTURE', 'PER-HOUR', 'PER-MONTH'], ...rows], 2)}\nPrices: ${prices.name}, ${prices.region}, on demand, ${prices.date}\n`;
}
