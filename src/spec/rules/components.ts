import { parseCidr, parseIp } from '../../lib/cidr.ts';
import { parseDurationMs } from '../../lib/text.ts';
import type { Findings } from '../findings.ts';
import { getPath } from '../path.ts';
import type { Cluster, InstanceGroup } from '../types.ts';

type Fields = Record<string, unknown>;

const longestBackoffMs = 300_000;

/** Kubernetes' own components, as far as they are set. */
export function checkComponents(cluster: Cluster, findings: Findings): void {
  const { spec } = cluster;
  checkApiServer((spec.kubeAPIServer ?? {}) as Fields, cluster, findings);
  checkDns((spec.kubeDNS ?? {}) as Fields, findings);
  for (const [i, addon] of ((spec.addons as { manifest?: string }[] | undefined) ?? []).entries())
    if (addon.manifest?.startsWith('file://'))
      findings.error(`spec.addons[${i}].manifest`, 'a file of this machine cannot be read by the cluster', 'use an https:// or s3:// address');
  const { containerProxy, containerRegistry, fileRepository } = (spec.assets ?? {}) as Fields;
  if (containerProxy && containerRegistry) findings.error('spec.assets.containerProxy', 'cannot be used together with containerRegistry');
  if (typeof fileRepository === 'string' && !/^(https?|s3|gs|azureblob):\/\/[^/]+/.test(fileRepository))
    findings.error('spec.assets.fileRepository', `${JSON.stringify(fileRepository)} is not the address of a file repository`, 'for example https://files.example.com');
}

export function checkKubelet({ spec }: Cluster | InstanceGroup, findings: Findings): void {
  const kubelet = (spec.kubelet ?? {}) as Fields;
  if (kubelet.bootstrapKubeconfig !== undefined) findings.error('spec.kubelet.bootstrapKubeconfig', 'was removed: nodes join by proving who they are', 'leave it out');
  const whole = durationMs(kubelet, 'shutdownGracePeriod', findings);
  const critical = durationMs(kubelet, 'shutdownGracePeriodCriticalPods', findings);
  if (critical !== undefined && critical > (whole ?? 0)) findings.error('spec.kubelet.shutdownGracePeriodCriticalPods', 'cannot be longer than shutdownGracePeriod');
  const backoff = durationMs(kubelet, 'crashLoopBackOffMaxContainerRestartPeriod', findings);
  if (backoff !== undefined && (backoff < 1000 || backoff > longestBackoffMs))
    findings.error('spec.kubelet.crashLoopBackOffMaxContainerRestartPeriod', 'must be between 1s and 300s');
}

function checkApiServer(server: Fields, { spec }: Cluster, findings: Findings): void {
  const path = 'spec.kubeAPIServer';
  if (server.enableBootstrapTokenAuth === true) findings.error(`${path}.enableBootstrapTokenAuth`, 'bootstrap tokens are not supported');
  if (server.admissionControl !== undefined && (server.enableAdmissionPlugins ?? server.disableAdmissionPlugins) !== undefined)
    findings.error(`${path}.admissionControl`, 'cannot be used together with enableAdmissionPlugins and disableAdmissionPlugins');
  if ((server.proxyClientCertFile === undefined) !== (server.proxyClientKeyFile === undefined))
    findings.error(`${path}.proxyClientCertFile`, 'proxyClientCertFile and proxyClientKeyFile belong together');
  if (server.serviceClusterIPRange !== undefined && server.serviceClusterIPRange !== spec.serviceClusterIPRange)
    findings.error(`${path}.serviceClusterIPRange`, `is ${server.serviceClusterIPRange}, but the cluster's is ${spec.serviceClusterIPRange}`);
  if (server.authenticationConfigFile !== undefined && server.oidcIssuerURL !== undefined)
    findings.error(`${path}.authenticationConfigFile`, 'cannot be used together with OIDC flags', 'move oidcIssuerURL into the file');
  checkPortRange(server.serviceNodePortRange, `${path}.serviceNodePortRange`, findings);
  const modes = typeof server.authorizationMode === 'string' ? server.authorizationMode.split(',') : [];
  for (const mode of modes)
    if (!['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'].includes(mode)) findings.error(`${path}.authorizationMode`, `${JSON.stringify(mode)} is not a mode`);
  if (modes.length > 0 && getPath(spec, ['authorization', 'rbac']) && !(modes.includes('RBAC') && modes.includes('Node')))
    findings.error(`${path}.authorizationMode`, 'must contain RBAC and Node');
}

function checkPortRange(value: unknown, path: string, findings: Findings): void {
  if (typeof value !== 'string') return;
  const match = /^(\d+)-(\d+)$/.exec(value);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || from < 1 || to > 65_535 || from > to) findings.error(path, `${JSON.stringify(value)} is not a range of ports`, 'for example 30000-32767');
}

function checkDns(dns: Fields, findings: Findings): void {
  if (getPath(dns, ['nodeLocalDNS', 'enabled']) === true && dns.provider !== undefined && dns.provider !== 'CoreDNS')
    findings.error('spec.kubeDNS.nodeLocalDNS.enabled', 'needs provider: CoreDNS');
  for (const [i, server] of ((dns.upstreamNameservers as string[] | undefined) ?? []).entries())
    if (!isAddress(server)) findings.error(`spec.kubeDNS.upstreamNameservers[${i}]`, `${JSON.stringify(server)} is not an address`, 'for example 8.8.8.8');
  for (const [domain, servers] of Object.entries((dns.stubDomains as Record<string, string[]> | undefined) ?? {}))
    if (servers.length === 0) findings.error(`spec.kubeDNS.stubDomains["${domain}"]`, 'needs at least one name server');
}

function isAddress(text: string): boolean {
  return parseIp(text) !== undefined || /^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/.test(text) || parseCidr(`${text}/32`) !== undefined;
}

function durationMs(kubelet: Fields, name: string, findings: Findings): number | undefined {
  const value = kubelet[name];
  if (typeof value !== 'string') return undefined;
  const ms = parseDurationMs(value);
  if (ms === undefined) findings.error(`spec.kubelet.${name}`, `${JSON.stringify(value)} is not a duration`, 'for example 30s');
  return ms;
}
