import { join } from 'node:path';
import type { EtcdMember } from '../../bootstrap/machine.ts';
import type { Disk } from '../../lib/disk.ts';
import type { AuthoritySource, CertificateRequest } from '../../pki/certificate-authority.ts';
import { authorityOf, type Keyset, trustBundle } from '../../pki/keyset.ts';
import { certificateFiles, etcdHost, etcdName } from './etcd-flags.ts';

export interface EtcdKeysets {
  peers: Keyset;
  clients: Keyset;
}

/** A member runs for years, and gets others only when its machine starts kops-ts again; the authority's own end comes first. */
const validDays = 3650;

/** Issues what the member shows its peers and clients, into `folder` of the disk; resolves to what the API server of this machine shows it. */
export async function issueEtcdCertificates(
  member: { clusterName: string; member: string; ip: string },
  { peers, clients }: EtcdKeysets,
  { disk, folder }: { disk: Disk; folder: string },
  source: AuthoritySource,
): Promise<EtcdMember['tls']> {
  const [peerAuthority, clientAuthority] = [authorityOf(peers, source), authorityOf(clients, source)];
  // Peers compare the address of whoever calls with the certificate: that of the name, or one of those in it.
  const names = { dnsNames: [etcdHost(member.member, member.clusterName)], ipAddresses: [member.ip, '127.0.0.1'] };
  const subject = { commonName: etcdName(member.member) };
  const request: CertificateRequest & { publicKeyPem?: undefined } = { subject, ...names, usages: ['client', 'server'], validDays };
  const [peer, server, client] = await Promise.all([
    peerAuthority.issue(request),
    clientAuthority.issue(request),
    clientAuthority.issue({ subject: { commonName: 'kube-apiserver' }, usages: ['client'], validDays }),
  ]);
  const files = { peer: { ...peer, authority: trustBundle(peers) }, client: { ...server, authority: trustBundle(clients) } };
  for (const use of ['peer', 'client'] as const) {
    const { certificate, privateKey, authority } = certificateFiles[use];
    await disk.writeFile(join(folder, certificate), Buffer.from(files[use].certificatePem));
    await disk.writeFile(join(folder, privateKey), Buffer.from(files[use].privateKeyPem));
    await disk.writeFile(join(folder, authority), Buffer.from(files[use].authority));
  }
  return { certificateAuthority: files.client.authority, certificate: client.certificatePem, privateKey: client.privateKeyPem };
}
