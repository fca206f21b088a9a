import { table } from '../../../src/lib/text.ts';
import type { LocalStatus } from './status.ts';

/** For people. */
export function statusTable(status: LocalStatus): string {
  const lines = [
    ['HOME', status.home],
    ['STATE', status.state],
    ...(status.pid === undefined ? [] : [['PROCESS', String(status.pid)]]),
    ...(status.version === undefined ? [] : [['VERSION', status.version]]),
    ['LOG', status.log],
  ];
  const parts = [table(lines)];
  if (status.clusters.length > 0) {
    parts.push(table([['CLUSTER', 'STATE', 'API', 'NETWORK'], ...status.clusters.map((cluster) => [cluster.name, cluster.state, cluster.api ?? '-', cluster.networkCIDR ?? '-'])]));
    parts.push(
      table([
        ['CLUSTER', 'KIND', 'NAME', 'IP', 'STATE', 'REACHED AT'],
        ...status.clusters.flatMap((cluster) =>
          cluster.addresses.map(({ kind, name, ip, state, ports }) => [cluster.name, kind, name, ip, state ?? '-', ports?.map((port) => port.reachedAt).join(',') ?? ip]),
        ),
      ]),
    );
  }
  for (const cluster of status.clusters) if (cluster.problem !== undefined) parts.push(`${cluster.name} does not run: ${cluster.problem}\n`);
  for (const problem of status.problems) parts.push(`${problem.file} could not be read (${problem.message}); it is kept as ${problem.keptAs}\n`);
  return parts.join('\n');
}
