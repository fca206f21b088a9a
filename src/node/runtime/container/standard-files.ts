import { mountTable } from './mount-table.ts';
import type { Machine } from './process.ts';

export interface PodFacts {
  ip: string;
  hostname: string;
  namespace: string;
  nameserver: string;
  clusterDomain: string;
}

type Content = (pod: PodFacts, machine: Machine, startedAt: number) => string;

const nothing = () => '';
const contents = new Map<string, Content>([
  ['/etc/hostname', (pod) => `${pod.hostname}\n`],
  ['/etc/hosts', hosts],
  ['/etc/resolv.conf', resolvConf],
  ['/proc/1/cmdline', (_pod, machine) => `${machine.processes.get(1)?.argv.join('\0') ?? ''}\0`],
  ['/proc/uptime', (_pod, machine, startedAt) => `${((machine.clock.now() - startedAt) / 1000).toFixed(2)} 0.00\n`],
  ['/proc/meminfo', (_pod, machine) => memoryInfo(machine)],
  ['/proc/cpuinfo', (_pod, machine) => Array.from({ length: machine.hardware.cpus }, (_, index) => `processor\t: ${index}\nmodel name\t: simulated\n\n`).join('')],
  ['/proc/mounts', (_pod, machine) => mountTable(machine.files)],
  ['/proc/loadavg', () => '0.00 0.00 0.00 1/1 1\n'],
  ['/proc/version', () => 'Linux version 6.1.0 (simulated)\n'],
  ['/dev/null', nothing],
  ['/dev/zero', nothing],
  ['/dev/stdin', nothing],
  ['/dev/stdout', nothing],
  ['/dev/stderr', nothing],
]);

/** Files whose content depends on the pod or on the moment: /etc/hosts, /etc/resolv.conf, what little there is of /proc. */
export class StandardFiles {
  private readonly pod: PodFacts;
  private readonly machine: () => Machine;
  private readonly startedAt: number;

  constructor(pod: PodFacts, machine: () => Machine, startedAt: number) {
    this.pod = pod;
    this.machine = machine;
    this.startedAt = startedAt;
  }

  keys(): IterableIterator<string> {
    return contents.keys();
  }

  get(path: string): string | undefined {
    return contents.get(path)?.(this.pod, this.machine(), this.startedAt);
  }
}

function memoryInfo({ hardware }: Machine): string {
  const row = (name: string, kib: number) => `${`${name}:`.padEnd(16)}${String(kib).padStart(8)} kB\n`;
  const total = Math.floor(hardware.memoryBytes / 1024);
  return [row('MemTotal', total), row('MemFree', total), row('MemAvailable', total), row('Buffers', 0), row('Cached', 0), row('SwapTotal', 0), row('SwapFree', 0)].join('');
}

function hosts(pod: PodFacts): string {
  return [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    `${pod.ip}\t${pod.hostname}`,
    '',
  ].join('\n');
}

function resolvConf(pod: PodFacts): string {
  const domain = pod.clusterDomain;
  return `search ${pod.namespace}.svc.${domain} svc.${domain} ${domain}\nnameserver ${pod.nameserver}\noptions ndots:5\n`;
}
