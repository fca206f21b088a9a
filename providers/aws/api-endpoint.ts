import type { ApiEndpoint } from '../../src/cloud/provider.ts';
import type { AwsApi } from './api/clients.ts';
import { loadBalancerName } from './model/names.ts';
import { describeGroups } from './resources/auto-scaling-groups.ts';
import { dnsRecord } from './resources/dns-record.ts';
import { Inventory } from './resources/inventory.ts';
import { networkLoadBalancer } from './resources/network-load-balancer.ts';
import { networkLoadBalancerListener } from './resources/network-load-balancer-listener.ts';

/** Where 443 shows a certificate of the user's own, client certificates get through here alone. */
const clientCertificatePort = 8443;

/**
 * The API's name in DNS, or its load balancer's own name, which is not in the certificate: the internal name stands for it. Without a
 * load balancer the control plane itself keeps `api.CLUSTER` in DNS. Undefined: nothing runs yet.
 */
export async function apiEndpoint(aws: AwsApi, clusterName: string, signal: AbortSignal): Promise<ApiEndpoint | undefined> {
  const inventory = new Inventory(aws, clusterName, signal);
  const [balancers, listeners, records, groups] = await Promise.all([
    networkLoadBalancer.list(inventory),
    networkLoadBalancerListener.list(inventory),
    dnsRecord.list(inventory),
    describeGroups(aws, clusterName),
  ]);
  const publicName = `api.${clusterName}`;
  const internalName = `api.internal.${clusterName}`;
  const balancer = balancers.find(({ name, manager }) => name === loadBalancerName('api', clusterName) && manager !== 'kubernetes');
  if (!balancer) return groups.length > 0 ? { url: `https://${publicName}` } : undefined;
  const aliases = records.flatMap(({ attributes: { recordName, alias } }) =>
    (alias as { dnsName?: string } | undefined)?.dnsName === balancer.outputs.dnsName ? String(recordName) : [],
  );
  const name = aliases.find((alias) => alias === publicName) ?? aliases.find((alias) => alias !== internalName);
  const withCertificate = listeners.some(({ attributes }) => attributes.loadBalancerArn === balancer.id && attributes.port === clientCertificatePort);
  const port = withCertificate ? `:${clientCertificatePort}` : '';
  return name === undefined ? { url: `https://${balancer.outputs.dnsName}${port}`, tlsServerName: internalName } : { url: `https://${name}${port}` };
}
