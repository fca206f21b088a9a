import { table } from '../../../src/lib/text.ts';
import { damaged, type LocalStatus } from './status.ts';

/** For people. */
export function statusTable(status: LocalStatus): string {
  const lines = [
    ['HOME', status.home],
    ['STATE', status.state],
    ...(status.pid === undefined ? [] : [['PROCESS', String(status.pid)]]),
    ...(status.version === undefined ? [] : [['VERSION', status.version]]),
    ...(status.objectStorage === undefined ? [] : [['OBJECT STORAGE', status.objectStorage.endpoint]]),
    ['LOG', status.log],
  ];
  const parts = [table(lines)];
  const buckets = status.objectStorage?.buckets ?? [];
  if (buckets.length > 0) parts.push(table([['BUCKET'], ...buckets.map((name) => [name])]));
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
  const mapped = status.clusters.flatMap((cluster) => cluster.mapped.map((entry) => [cluster.name, entry.kind, entry.name, entry.address, entry.reachedAt]));
  if (mapped.length > 0) {
    parts.push('Addresses that this system does not allow, or that somebody else has:\n', table([['CLUSTER', 'KIND', 'NAME', 'ADDRESS', 'REACHED AT'], ...mapped]));
    if (mapped.some(([, , , address = '']) => Number(address.split(':')[1]) < 1024))
      parts.push('Ports below 1024 for everybody: sudo sysctl net.ipv4.ip_unprivileged_port_start=80\n');
  }
  for (const { name, addresses } of status.clusters) {
    for (const { name: id, problem } of addresses) if (problem !== undefined) parts.push(`${id} of ${name} does not boot and is tried again: ${problem}\n`);
  }
  for (const cluster of status.clusters) if (cluster.problem !== undefined) parts.push(`${cluster.name} does not run: ${cluster.problem}\n`);
  for (const problem of status.problems) parts.push(`${damaged(problem)}\n`);
  return parts.join('\n');
}
