import type { Findings } from '../../src/spec/findings.ts';

export interface Disk {
  type: string | undefined;
  size: number | undefined;
  iops: number | undefined;
  throughput: number | undefined;
}

/** IOPS for each GB at most. */
const iopsPerGb: Readonly<Record<string, number>> = { io1: 50, io2: 500, gp3: 500 };
const gp3FreeIops = 3000;
const gp3ThroughputPerIops = 0.25;

/** What EBS sells together: operations by size, throughput by operations. `paths`: where the spec says so. */
export function checkDisk({ type = 'gp3', size, iops, throughput }: Disk, paths: { iops: string; throughput: string }, findings: Findings): void {
  const most = iopsPerGb[type];
  if (most !== undefined && size !== undefined && iops !== undefined && iops > most * size && (type !== 'gp3' || iops > gp3FreeIops))
    findings.error(paths.iops, `${iops} IOPS are too many for ${size} GB of ${type}`, `at most ${most * size}`);
  const operations = Math.max(iops ?? gp3FreeIops, gp3FreeIops);
  if (type === 'gp3' && throughput !== undefined && throughput > operations * gp3ThroughputPerIops)
    findings.error(paths.throughput, `${throughput} MB/s are too many for ${operations} IOPS`, `at most ${operations * gp3ThroughputPerIops}`);
}
