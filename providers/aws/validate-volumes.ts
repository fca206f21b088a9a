import type { Findings } from '../../src/spec/findings.ts';

export interface Disk {
  type: string | undefined;
  size: number | undefined;
  iops: number | undefined;
  throughput: number | undefined;
}

/** IOPS for each GB at most. */
const iopsPerGb: Readonly<Record<string, number>> = { io1: 50, io2: 500, gp3: 500 };
const leastIops: Readonly<Record<string, number>> = { io1: 100, io2: 100, gp3: 3000 };
const gp3FreeIops = 3000;
const gp3FreeThroughput = 125;
const gp3ThroughputPerIops = 0.25;

/** Where the spec says how fast a disk is. */
interface DiskPaths {
  iops: string;
  throughput: string;
}

/** What EBS sells together: operations by size, throughput by operations. */
export function checkDisk({ type = 'gp3', size, iops, throughput }: Disk, paths: DiskPaths, findings: Findings): void {
  const most = iopsPerGb[type];
  if (most !== undefined && size !== undefined && iops !== undefined && iops > most * size && (type !== 'gp3' || iops > gp3FreeIops))
    findings.error(paths.iops, `${iops} IOPS are too many for ${size} GB of ${type}`, `at most ${most * size}`);
  const operations = Math.max(iops ?? gp3FreeIops, gp3FreeIops);
  if (type === 'gp3' && throughput !== undefined && throughput > operations * gp3ThroughputPerIops)
    findings.error(paths.throughput, `${throughput} MB/s are too many for ${operations} IOPS`, `at most ${operations * gp3ThroughputPerIops}`);
}

/** Of a disk that goes to EC2 as it is described, as in kops. */
export function checkLeast({ type = 'gp3', iops, throughput }: Disk, paths: DiskPaths, findings: Findings): void {
  const least = leastIops[type];
  if (iops !== undefined && least !== undefined && iops < least)
    findings.warning(paths.iops, `${iops} IOPS are fewer than ${type} has: EC2 may refuse to launch`, `at least ${least}`);
  if (throughput !== undefined && type !== 'gp3')
    findings.warning(paths.throughput, `the throughput of ${type} cannot be chosen: EC2 may refuse to launch`, 'leave it out, or use gp3');
  else if (throughput !== undefined && throughput < gp3FreeThroughput)
    findings.warning(paths.throughput, `${throughput} MB/s are fewer than gp3 has: EC2 may refuse to launch`, `at least ${gp3FreeThroughput}`);
}
