import { KopsError } from '../lib/errors.ts';
import type { Cluster } from '../spec/types.ts';
import { defaultKubernetesVersion, type KubernetesVersion, parseKubernetesVersion } from '../spec/versions.ts';
import { editCluster } from './edit-objects.ts';
import type { Operator } from './operator.ts';
import { readSpecs } from './stored-clusters.ts';

/** One row of kops' table. */
export interface UpgradeChange {
  item: string;
  property: string;
  old: string;
  new: string;
}

export interface UpgradeOptions {
  /** Without it: what new clusters get, one minor version at a time. */
  kubernetesVersion?: string;
  channel?: string;
  /** Without it nothing is stored. */
  apply: boolean;
}

/** What an upgrade changes in the spec; empty when nothing. Throws UPGRADE_SKIPS_MINOR, UPGRADE_IS_DOWNGRADE, INVALID_VERSION. */
export async function upgradeCluster(operator: Operator, name: string, options: UpgradeOptions): Promise<UpgradeChange[]> {
  const { cluster } = await readSpecs(operator, name);
  const upgraded = upgradedSpec(name, cluster.spec, options);
  const row = (property: string, field: 'kubernetesVersion' | 'channel'): UpgradeChange[] =>
    upgraded[field] === cluster.spec[field] ? [] : [{ item: 'Cluster', property, old: cluster.spec[field] ?? '', new: upgraded[field] ?? '' }];
  const changes = [...row('Channel', 'channel'), ...row('KubernetesVersion', 'kubernetesVersion')];
  if (options.apply && changes.length > 0) await editCluster(operator, name, (current) => ({ ...current, spec: upgradedSpec(name, current.spec, options) }));
  return changes;
}

function upgradedSpec(name: string, spec: Cluster['spec'], { kubernetesVersion, channel }: UpgradeOptions): Cluster['spec'] {
  const text = spec.kubernetesVersion ?? defaultKubernetesVersion;
  const current = requireVersion(text);
  const wanted = kubernetesVersion === undefined ? oneStep(current, requireVersion(defaultKubernetesVersion)) : requireStep(name, current, requireVersion(kubernetesVersion));
  // The user's own spelling stays, with or without v.
  const version = isNewer(wanted, current) ? `${text.startsWith('v') ? 'v' : ''}${kubernetesVersion?.replace(/^v/, '') ?? format(wanted)}` : text;
  return { ...spec, ...(channel === undefined ? {} : { channel }), kubernetesVersion: version };
}

/** Kubernetes supports one minor version a time; where the goal is further away, the next one is the step. */
function oneStep(current: KubernetesVersion, goal: KubernetesVersion): KubernetesVersion {
  return goal.minor > current.minor + 1 ? { major: current.major, minor: current.minor + 1, patch: 0 } : goal;
}

function requireStep(name: string, current: KubernetesVersion, wanted: KubernetesVersion): KubernetesVersion {
  if (isNewer(current, wanted)) {
    throw new KopsError(`cluster ${name} runs Kubernetes ${format(current)}; ${format(wanted)} would be a step back`, {
      code: 'UPGRADE_IS_DOWNGRADE',
      exit: 'invalid',
      object: name,
      suggestions: [`An older version needs a new cluster; to force it: kops-ts edit cluster ${name} --set spec.kubernetesVersion=${format(wanted)}`],
    });
  }
  if (wanted.major === current.major && wanted.minor <= current.minor + 1) return wanted;
  const next = format({ ...current, minor: current.minor + 1, patch: 0 });
  throw new KopsError(`from Kubernetes ${format(current)} to ${format(wanted)} minor versions would be skipped`, {
    code: 'UPGRADE_SKIPS_MINOR',
    exit: 'invalid',
    object: name,
    expected: 'one minor version at most',
    suggestions: [`kops-ts upgrade cluster ${name} --kubernetes-version ${next} --yes`],
  });
}

function isNewer(a: KubernetesVersion, b: KubernetesVersion): boolean {
  return a.major - b.major > 0 || (a.major === b.major && (a.minor > b.minor || (a.minor === b.minor && a.patch > b.patch)));
}

function format({ major, minor, patch }: KubernetesVersion): string {
  return `${major}.${minor}.${patch}`;
}

function requireVersion(text: string): KubernetesVersion {
  const version = parseKubernetesVersion(text);
  if (version) return version;
  throw new KopsError(`${JSON.stringify(text)} is not a Kubernetes version`, { code: 'INVALID_VERSION', exit: 'usage', object: text, expected: 'a version such as 1.36.0' });
}
