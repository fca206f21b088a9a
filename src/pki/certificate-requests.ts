import type { CertificateRequest } from './certificate-authority.ts';

const dayMs = 86_400_000;

/** A person with all rights: `kubecfg-<user>` in system:masters, for a year unless said otherwise. */
export function adminRequest(user: string, validMs = 365 * dayMs): CertificateRequest & { publicKeyPem?: undefined } {
  return { subject: { commonName: `kubecfg-${user}`, organizations: ['system:masters'] }, usages: ['client'], validDays: validMs / dayMs };
}

/** The name a node's kubelet has towards the API server. */
export function nodeUserName(nodeName: string): string {
  return `system:node:${nodeName}`;
}

/** What a kubelet shows the API server. */
export function nodeClientRequest(nodeName: string, publicKeyPem?: string): CertificateRequest {
  return { subject: { commonName: nodeUserName(nodeName), organizations: ['system:nodes'] }, usages: ['client'], ...optionalKey(publicKeyPem) };
}

/** What a kubelet shows those who call it: logs, exec. */
export function kubeletServerRequest(nodeName: string, ipAddresses: readonly string[], publicKeyPem?: string): CertificateRequest {
  return { subject: { commonName: nodeUserName(nodeName), organizations: ['system:nodes'] }, dnsNames: [nodeName], ipAddresses, usages: ['server'], ...optionalKey(publicKeyPem) };
}

/** A control plane component: `kube-scheduler` → `system:kube-scheduler`. */
export function componentRequest(component: string): CertificateRequest & { publicKeyPem?: undefined } {
  return { subject: { commonName: `system:${component}` }, usages: ['client'] };
}

/** What the API server shows when it calls kubelets and webhooks. */
export function apiServerClientRequest(): CertificateRequest & { publicKeyPem?: undefined } {
  return { subject: { commonName: 'kubelet-api', organizations: ['system:masters'] }, usages: ['client'] };
}

/** What the API server shows. `names`: addresses and names besides those every cluster has. */
export function apiServerRequest(options: { clusterName: string; clusterDomain: string; serviceIp: string; names: readonly string[] }): CertificateRequest & {
  publicKeyPem?: undefined;
} {
  const { clusterName, clusterDomain, serviceIp, names } = options;
  const isIp = (name: string) => /^[\d.]+$/.test(name) || name.includes(':');
  return {
    subject: { commonName: 'kubernetes-master' },
    dnsNames: [
      ...new Set([
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        `kubernetes.default.svc.${clusterDomain}`,
        `api.${clusterName}`,
        `api.internal.${clusterName}`,
        'localhost',
        ...names.filter((name) => !isIp(name)),
      ]),
    ],
    ipAddresses: [...new Set([serviceIp, '127.0.0.1', ...names.filter(isIp)])],
    usages: ['server'],
  };
}

function optionalKey(publicKeyPem: string | undefined): { publicKeyPem?: string } {
  return publicKeyPem === undefined ? {} : { publicKeyPem };
}
