import type { Findings } from '../findings.ts';
import { getPath } from '../path.ts';
import type { Cluster } from '../types.ts';

type Fields = Record<string, unknown>;

const arn = /^arn:[^:]+:iam::\d{12}:(user|role)\/.+$/;

/** People who come with identities of their cloud, and names that clients find services by. */
export function checkAuthentication({ spec }: Cluster, findings: Findings): void {
  const aws = (getPath(spec, ['authentication', 'aws']) ?? {}) as Fields;
  const mappings = (aws.identityMappings as Fields[] | undefined) ?? [];
  const path = 'spec.authentication.aws';
  if (mappings.length > 0 && aws.backendMode !== 'CRD') findings.error(`${path}.identityMappings`, 'needs backendMode: CRD');
  for (const [i, mapping] of mappings.entries())
    if (!arn.test(String(mapping.arn ?? '')))
      findings.error(
        `${path}.identityMappings[${i}].arn`,
        `${JSON.stringify(mapping.arn ?? '')} is not the ARN of a user or role`,
        'for example arn:aws:iam::123456789012:role/admin',
      );
}

const providers = ['', 'dns-controller', 'external-dns', 'none'];

export function checkExternalDns({ spec }: Cluster, findings: Findings): void {
  const dns = (spec.externalDns ?? {}) as Fields;
  const path = 'spec.externalDns';
  if (dns.provider !== undefined && !providers.includes(String(dns.provider)))
    findings.error(`${path}.provider`, `must be one of ${providers.slice(1).join(', ')}, not ${JSON.stringify(dns.provider)}`);
  if (dns.provider === 'external-dns' && spec.topology?.dns?.type === 'None')
    findings.error(`${path}.provider`, 'external-dns needs a DNS zone', 'set spec.topology.dns.type to Public or Private');
  if (dns.watchNamespace !== undefined && !['', 'kube-system'].includes(String(dns.watchNamespace)))
    findings.error(`${path}.watchNamespace`, `must be all namespaces or kube-system, not ${JSON.stringify(dns.watchNamespace)}`, 'leave it out to watch all');
}
