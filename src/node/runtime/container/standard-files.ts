import type { Machine } from './process.ts';

export interface PodFacts {
  ip: string;
  hostname: string;
  namespace: string;
  nameserver: string;
  clusterDomain: string;
}

/** Files whose content depends on the pod or on the moment: /etc/hosts, /etc/resolv.conf, what little there is of /proc. */
export function computedFiles(pod: PodFacts, machine: () => Machine, startedAt: () => number): ReadonlyMap<string, () => string> {
  const uptime = () => Math.max(0, (machine().clock.now() - startedAt()) / 1000);
  const commandLine = () => `${machine().processes.get(1)?.argv.join('\0') ?? ''}\0`;
  return new Map<string, () => string>([
    ['/etc/hostname', () => `${pod.hostname}\n`],
    ['/etc/hosts', () => hosts(pod)],
    ['/etc/resolv.conf', () => resolvConf(pod)],
    ['/proc/1/cmdline', commandLine],
    ['/proc/uptime', () => `${uptime().toFixed(2)} ${uptime().toFixed(2)}\n`],
    ['/proc/loadavg', () => '0.00 0.00 0.00 1/1 1\n'],
    ['/proc/version', () => 'Linux version 6.1.0 (simulated)\n'],
    ['/dev/null', () => ''],
    ['/dev/zero', () => ''],
    ['/dev/stdin', () => ''],
    ['/dev/stdout', () => ''],
    ['/dev/stderr', () => ''],
    ['/tmp/', () => ''],
  ]);
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
