import { createHash } from 'node:crypto';
import { KopsError } from '../lib/errors.ts';
import { canonicalJson } from '../lib/json.ts';
import type { CertificateAuthority } from '../pki/certificate-authority.ts';
import { kubeletServerRequest, nodeClientRequest } from '../pki/certificate-requests.ts';
import type { VerifiedIdentity } from './machine.ts';
import type { NodeConfig } from './node-config.ts';

/** What a worker asks: keys stay on the machine, only their public halves travel. */
export interface JoinRequest {
  instanceGroup: string;
  /** SPKI in PEM, by certificate name. */
  publicKeys: Record<CertificateName, string>;
}

export type CertificateName = 'kubelet' | 'kubelet-server';

export interface JoinResponse {
  nodeName: string;
  nodeConfig: NodeConfig;
  /** PEM, by certificate name. */
  certificates: Record<CertificateName, string>;
  certificateAuthority: string;
}

export interface JoinAuthority {
  verifyIdentity(token: string, audience: string): Promise<VerifiedIdentity>;
  /** The document of a worker's instance group. */
  nodeConfig(instanceGroup: string): Promise<NodeConfig>;
  /** Signs what workers show. */
  certificates: CertificateAuthority;
  /** PEM of all that is to be believed. */
  trustBundle: string;
  clusterName: string;
  /** Whether a node of this name is at work: then its instance has joined already. */
  isReady(nodeName: string): Promise<boolean>;
}

/** Binds a proof of identity to the one request it is sent with. */
export function joinAudience(request: JoinRequest): string {
  return createHash('sha256').update(canonicalJson(request)).digest('base64');
}

/** The control plane's side. Throws JOIN_REFUSED with the reason. */
export async function admitNode(request: JoinRequest, token: string, authority: JoinAuthority): Promise<JoinResponse> {
  const identity = await authority.verifyIdentity(token, joinAudience(request));
  if (identity.clusterName !== authority.clusterName) throw refused(identity, `it belongs to the cluster ${identity.clusterName}`);
  if (identity.role !== 'Node') throw refused(identity, 'only workers join; a control plane boots by itself');
  if (identity.instanceGroup !== request.instanceGroup) throw refused(identity, `it belongs to the instance group ${identity.instanceGroup}, not ${request.instanceGroup}`);
  // An instance joins once. Whoever comes later with its identity is a pod or a person that got hold of it.
  if (await authority.isReady(identity.nodeName)) throw refused(identity, `its node ${identity.nodeName} is ready already`);
  const [kubelet, server] = await Promise.all([
    authority.certificates.issue(nodeClientRequest(identity.nodeName, request.publicKeys.kubelet)),
    authority.certificates.issue(kubeletServerRequest(identity.nodeName, [identity.privateIp], request.publicKeys['kubelet-server'])),
  ]);
  return {
    nodeName: identity.nodeName,
    nodeConfig: await authority.nodeConfig(identity.instanceGroup),
    certificates: { kubelet: kubelet.certificatePem, 'kubelet-server': server.certificatePem },
    certificateAuthority: authority.trustBundle,
  };
}

function refused(identity: VerifiedIdentity, why: string): KopsError {
  return new KopsError(`instance ${identity.instanceId} may not join: ${why}`, { code: 'JOIN_REFUSED', exit: 'cloud', object: identity.instanceId });
}
