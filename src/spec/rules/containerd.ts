import { parseDurationMs } from '../../lib/text.ts';
import type { Findings } from '../findings.ts';
import { getPath } from '../path.ts';
import type { Cluster, InstanceGroup } from '../types.ts';

type Fields = Record<string, unknown>;

const oldest = [2, 1, 0] as const;

/** The container runtime, of the cluster or of one group. */
export function checkContainerd({ kind, spec }: Cluster | InstanceGroup, findings: Findings): void {
  if (kind === 'Cluster') checkRuntime(spec, findings);
  const containerd = spec.containerd as Fields | undefined;
  if (!containerd) return;
  const path = 'spec.containerd';
  checkVersion(containerd.version, findings);
  for (const owner of ['', '.runc']) checkPackages((getPath(containerd, owner === '' ? ['packages'] : ['runc', 'packages']) ?? {}) as Fields, `${path}${owner}.packages`, findings);
  for (const name of ['pluginRegistrationTimeout', 'pluginRequestTimeout']) {
    const text = getPath(containerd, ['nri', name]);
    if (typeof text === 'string' && !((parseDurationMs(text) ?? 0) > 0))
      findings.error(`${path}.nri.${name}`, `${JSON.stringify(text)} is not a duration above 0`, 'for example 5s');
  }
  if (getPath(containerd, ['gvisor', 'enabled']) === true && !(kind === 'InstanceGroup' && spec.role === 'Node'))
    findings.error(`${path}.gvisor.enabled`, 'is for instance groups of role Node only', 'set it in the spec of such a group');
}

function checkRuntime(spec: Cluster['spec'], findings: Findings): void {
  const { containerRuntime } = spec;
  if (containerRuntime !== undefined && containerRuntime !== 'containerd')
    findings.error('spec.containerRuntime', `must be containerd, not ${JSON.stringify(containerRuntime)}`, 'or leave it out');
}

function checkVersion(version: unknown, findings: Findings): void {
  if (typeof version !== 'string') return;
  const numbers = /^v?(\d+)\.(\d+)\.(\d+)(?:-.+)?$/.exec(version)?.slice(1).map(Number);
  if (!numbers) findings.error('spec.containerd.version', `${JSON.stringify(version)} is not a version`, `for example ${oldest.join('.')}`);
  else if (isOlder(numbers)) findings.error('spec.containerd.version', `${version} is too old`, `the oldest that is supported is ${oldest.join('.')}`);
}

function isOlder(numbers: readonly number[]): boolean {
  const at = oldest.findIndex((least, i) => numbers[i] !== least);
  return at >= 0 && (numbers[at] ?? 0) < (oldest[at] ?? 0);
}

function checkPackages(packages: Fields, path: string, findings: Findings): void {
  for (const architecture of ['Amd64', 'Arm64']) {
    const [url, hash] = [packages[`url${architecture}`], packages[`hash${architecture}`]];
    if ((url === undefined) !== (hash === undefined))
      findings.error(`${path}.${url === undefined ? 'url' : 'hash'}${architecture}`, `is required: url${architecture} and hash${architecture} belong together`);
  }
}
