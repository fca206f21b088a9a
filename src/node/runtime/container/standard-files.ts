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
  ['/proc/loadavg', () => '0.00 0.00 0.00 1/1 1\n'],
  ['/proc/version', () => 'Linux version 6.1.0 (simulated)\n'],
  ['/dev/null', nothing],
  ['/dev/zero', nothing],
  ['/dev/stdin', nothing],
  ['/dev/stdout', nothing],
  ['/dev/stderr', nothing],
  ['/tmp/', nothing],
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
