import { parseCidr, parseIp } from '../../lib/cidr.ts';
import type { Findings } from '../findings.ts';
import { getPath } from '../path.ts';
import type { Cluster } from '../types.ts';
import { cidrOrFinding } from './network.ts';

type Fields = Record<string, unknown>;

/** Kubernetes' own components, as far as they are set. */
export function checkComponents(cluster: Cluster, findings: Findings): void {
  const { spec } = cluster;
  checkApiServer((spec.kubeAPIServer ?? {}) as Fields, cluster, findings);
  checkControllersAndProxy(cluster, findings);
  checkDns((spec.kubeDNS ?? {}) as Fields, findings);
  for (const [i, addon] of ((spec.addons as { manifest?: string }[] | undefined) ?? []).entries())
    if (addon.manifest?.startsWith('file://'))
      findings.error(`spec.addons[${i}].manifest`, 'a file of this machine cannot be read by the cluster', 'use an https:// or s3:// address');
  const { containerProxy, containerRegistry, fileRepository } = (spec.assets ?? {}) as Fields;
  if (containerProxy && containerRegistry) findings.error('spec.assets.containerProxy', 'cannot be used together with containerRegistry');
  if (typeof fileRepository === 'string' && !/^(https?|s3|gs|azureblob):\/\/[^/]+/.test(fileRepository))
    findings.error('spec.assets.fileRepository', `${JSON.stringify(fileRepository)} is not the address of a file repository`, 'for example https://files.example.com');
}

function checkControllersAndProxy({ spec }: Cluster, findings: Findings): void {
  const { kubeControllerManager: manager, kubeProxy: proxy, kubeScheduler: scheduler } = spec as Record<string, Fields | undefined>;
  if (manager?.experimentalClusterSigningDuration !== undefined)
    findings.error('spec.kubeControllerManager.experimentalClusterSigningDuration', 'was removed', 'use ClusterSigningDuration');
  if (scheduler?.usePolicyConfigMap !== undefined) findings.error('spec.kubeScheduler.usePolicyConfigMap', 'was removed', 'leave it out');
  for (const [i, text] of ((proxy?.ipvsExcludeCidrs as string[] | undefined) ?? []).entries()) cidrOrFinding(text, `spec.kubeProxy.ipvsExcludeCidrs[${i}]`, findings);
  const master = proxy?.master;
  if (typeof master === 'string' && !/^https?:\/\/[^/\s]+/.test(master))
    findings.error('spec.kubeProxy.master', `${JSON.stringify(master)} is not the address of an API server`, 'for example https://127.0.0.1');
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
  if (server.authenticationConfigFile !== undefined && Object.keys(server).some((name) => name.startsWith('oidc')))
    findings.error(`${path}.authenticationConfigFile`, 'cannot be used together with OIDC flags', 'move what they say into the file');
  checkFiles(server, path, findings);
  checkPortRange(server.serviceNodePortRange, `${path}.serviceNodePortRange`, findings);
  const modes = typeof server.authorizationMode === 'string' ? server.authorizationMode.split(',') : [];
  for (const mode of modes)
    if (!['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'].includes(mode)) findings.error(`${path}.authorizationMode`, `${JSON.stringify(mode)} is not a mode`);
  if (modes.includes('Webhook') && server.authorizationWebhookConfigFile === undefined) findings.error(`${path}.authorizationWebhookConfigFile`, 'is required by mode Webhook');
  if (modes.length > 0 && getPath(spec, ['authorization', 'rbac']) && !(modes.includes('RBAC') && modes.includes('Node')))
    findings.error(`${path}.authorizationMode`, 'must contain RBAC and Node');
}

/** What the API server reads must be told together, and in places it sees. */
function checkFiles(server: Fields, path: string, findings: Findings): void {
  if (server.insecurePort !== undefined) findings.error(`${path}.insecurePort`, 'was removed: there is no port without TLS', 'leave it out');
  const { auditPolicyFile: policy, auditWebhookConfigFile: webhook } = server;
  if (typeof webhook !== 'string') return;
  if (typeof policy !== 'string') findings.error(`${path}.auditPolicyFile`, 'is required by auditWebhookConfigFile');
  else if (folderOf(policy) !== folderOf(webhook)) findings.error(`${path}.auditWebhookConfigFile`, `must be in the folder of auditPolicyFile, ${folderOf(policy)}`);
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
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
