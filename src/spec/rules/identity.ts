import type { Findings } from '../findings.ts';
import type { SpecCatalog } from '../provider-view.ts';
import type { Cluster } from '../types.ts';
import { newestKubernetesMinor, oldestKubernetesMinor, parseKubernetesVersion } from '../versions.ts';

const longestName = 253;

/** Folders of the state store that are not clusters. */
const reservedNames = ['locks'];

/** What is wrong with a cluster's name, or undefined. Names that DNS servers are asked for need a dot. */
export function clusterNameProblem(name: string, { resolved }: { resolved: boolean }): { message: string; hint?: string } | undefined {
  if (name === '') return { message: 'a name is required', hint: 'for example demo.k8s.local' };
  if (name.length > longestName) return { message: `must be no more than ${longestName} characters` };
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)) {
    const proposal = name
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '');
    const message = 'must be a DNS name: lower case letters, digits, - and ., each part beginning and ending with a letter or digit';
    return proposal === '' || proposal === name ? { message } : { message, hint: `for example ${proposal.includes('.') ? proposal : `${proposal}.k8s.local`}` };
  }
  if (reservedNames.includes(name)) return { message: 'is a name that the state store uses itself', hint: `for example ${name}.k8s.local` };
  if (resolved && !name.includes('.')) return { message: 'must be a full name with a dot in it', hint: `for example ${name}.k8s.local` };
  if (name.split('.').some((label) => label.length > 63)) return { message: 'each part between dots must be no more than 63 characters' };
  return undefined;
}

export function checkIdentity(cluster: Cluster, catalog: SpecCatalog, findings: Findings): void {
  const problem = clusterNameProblem(cluster.metadata.name, { resolved: cluster.spec.topology?.dns?.type !== 'None' });
  if (problem) findings.error('metadata.name', `${JSON.stringify(cluster.metadata.name)} ${problem.message}`, problem.hint);
  checkVersion(cluster.spec.kubernetesVersion ?? '', findings);
  const { updatePolicy } = cluster.spec;
  if (updatePolicy !== undefined && !['automatic', 'external'].includes(updatePolicy)) findings.error('spec.updatePolicy', 'must be automatic or external');
  const dns = cluster.spec.topology?.dns?.type;
  if (dns !== undefined && !['Public', 'Private', 'None'].includes(dns)) findings.error('spec.topology.dns.type', 'must be Public, Private or None');
  if (cluster.metadata.name.endsWith('.k8s.local') && dns !== 'None') findings.error('spec.topology.dns.type', 'must be None for a name that ends in .k8s.local');
  for (const name of ['gossipConfig', 'dnsControllerGossipConfig'])
    if (cluster.spec[name] !== undefined) findings.error(`spec.${name}`, 'gossip is not supported any more', 'leave it out');
  if (cluster.spec.iam?.legacy === true) findings.error('spec.iam.legacy', 'legacy IAM permissions are not supported');
  checkRegion(cluster, catalog, findings);
}

function checkVersion(text: string, findings: Findings): void {
  const version = parseKubernetesVersion(text);
  const range = `supported are v1.${oldestKubernetesMinor} to v1.${newestKubernetesMinor}`;
  if (!version) findings.error('spec.kubernetesVersion', `${JSON.stringify(text)} is not a version`, 'for example v1.36.0');
  else if (version.major !== 1 || version.minor < oldestKubernetesMinor)
    findings.error('spec.kubernetesVersion', `${text} is too old`, `${range}; KOPS_RUN_OBSOLETE_VERSION=1 takes it all the same`);
  else if (version.minor === newestKubernetesMinor + 1)
    findings.warning('spec.kubernetesVersion', `${text} is newer than the newest version that is known well, v1.${newestKubernetesMinor}`, range);
  else if (version.minor > newestKubernetesMinor)
    findings.error('spec.kubernetesVersion', `${text} is newer than this version of kops-ts knows`, `${range}; KOPS_RUN_TOO_NEW_VERSION=1 takes it all the same`);
}

function checkRegion(cluster: Cluster, catalog: SpecCatalog, findings: Findings): void {
  const regions = new Map<string, string>();
  for (const [i, subnet] of (cluster.spec.subnets ?? []).entries()) {
    const region = subnet.zone === undefined ? subnet.region : catalog.regionOf(subnet.zone);
    if (region === undefined) continue;
    if (subnet.region !== undefined && subnet.region !== region) findings.error(`spec.subnets[${i}].region`, `zone ${subnet.zone} is in region ${region}, not ${subnet.region}`);
    if (!regions.has(region)) regions.set(region, subnet.zone ?? subnet.name);
  }
  if (regions.size < 2) return;
  const list = [...regions].map(([region, zone]) => `${zone} is in ${region}`).join(', ');
  findings.error('spec.subnets', `all zones must be in one region: ${list}`);
}
