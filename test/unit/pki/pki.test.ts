import { execFileSync, spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { realClock, VirtualClock } from '../../../src/lib/clock.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { certificateFacts } from '../../../src/pki/certificate.ts';
import { createCertificateAuthority, loadCertificateAuthority } from '../../../src/pki/certificate-authority.ts';
import { adminRequest, apiServerRequest, nodeClientRequest } from '../../../src/pki/certificate-requests.ts';
import { createTokenSigner, createTokenVerifier, jsonWebKeys } from '../../../src/pki/json-web-token.ts';
import { generateKeys } from '../../../src/pki/keys.ts';
import { authorityOf, createKeyset, formatKeyset, type Keyset, parseKeyset, primaryKey, trustBundle } from '../../../src/pki/keyset.ts';
import { issueServiceAccountToken, verifyServiceAccountToken } from '../../../src/pki/service-account-token.ts';

const openssl = spawnSync('openssl', ['version']).status === 0;
const source = () => ({ clock: realClock, random: new SeededRandom(7) });

/** The subject of the client's certificate, as the server saw it; rejects when either side did not trust the other. */
async function handshake(server: { key: string; cert: string; ca: string }, client: { key: string; cert: string; ca: string }, servername: string): Promise<string> {
  const listener = createServer({ ...server, requestCert: true, rejectUnauthorized: true });
  const seen = new Promise<string>((resolve, reject) => {
    listener.once('secureConnection', (socket: TLSSocket) => {
      resolve(JSON.stringify(socket.getPeerCertificate().subject));
      socket.destroy();
    });
    listener.once('tlsClientError', reject);
  });
  seen.catch(() => {});
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const socket = connect({ host: '127.0.0.1', port: (listener.address() as AddressInfo).port, servername, ...client });
  try {
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    return await seen;
  } finally {
    socket.destroy();
    listener.close();
  }
}

describe('certificate authority', () => {
  it('issues what both sides of a TLS connection accept, for the names asked and no others', async () => {
    const keyset = await createKeyset('kubernetes-ca', source());
    const authority = authorityOf(keyset, source());
    const ca = trustBundle(keyset);
    const server = await authority.issue(
      apiServerRequest({ clusterName: 'demo.k8s.local', clusterDomain: 'cluster.local', serviceIp: '100.64.0.1', names: ['127.16.0.10', 'extra.example'] }),
    );
    const client = await authority.issue(adminRequest('ann'));
    const subject = await handshake(
      { key: server.privateKeyPem, cert: server.certificatePem, ca },
      { key: client.privateKeyPem, cert: client.certificatePem, ca },
      'kubernetes.default.svc.cluster.local',
    );
    expect(JSON.parse(subject)).toEqual({ O: 'system:masters', CN: 'kubecfg-ann' });
    await expect(
      handshake({ key: server.privateKeyPem, cert: server.certificatePem, ca }, { key: client.privateKeyPem, cert: client.certificatePem, ca }, 'elsewhere.example'),
    ).rejects.toThrow('does not match');
    const certificate = new X509Certificate(server.certificatePem);
    for (const ip of ['100.64.0.1', '127.16.0.10', '127.0.0.1']) expect(certificate.checkIP(ip)).toBe(ip);
    expect(certificate.checkHost('extra.example')).toBe('extra.example');
    const other = authorityOf(await createKeyset('kubernetes-ca', source()), source());
    const stranger = await other.issue(adminRequest('mallory'));
    await expect(
      handshake({ key: server.privateKeyPem, cert: server.certificatePem, ca }, { key: stranger.privateKeyPem, cert: stranger.certificatePem, ca }, 'kubernetes'),
    ).rejects.toThrow();
  });

  it('certifies a key it is given, and keeps to its own end', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 5, 1));
    const authority = await createCertificateAuthority({ clock, random: new SeededRandom(1), commonName: 'kubernetes-ca', validDays: 100 });
    const keys = await generateKeys();
    const issued = await authority.issue(nodeClientRequest('i-1', keys.publicKeyPem));
    expect(issued).not.toHaveProperty('privateKeyPem');
    expect(createPublicKey(issued.certificatePem).equals(createPublicKey(keys.publicKeyPem))).toBe(true);
    expect(certificateFacts(issued.certificatePem)).toMatchObject({
      commonName: 'system:node:i-1',
      organizations: ['system:nodes'],
      issued: '2026-05-30T00:00:00Z',
      expires: '2026-09-09T00:00:00Z',
    });
    expect(new X509Certificate(issued.certificatePem).checkIssued(new X509Certificate(authority.certificatePem))).toBe(true);
  });

  it.skipIf(!openssl)('works with an RSA authority that another tool made (skipped without openssl)', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kops-ts-pki-'));
    try {
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${directory}/key`, '-out', `${directory}/cert`, '-subj', '/CN=kubernetes-ca'], {
        stdio: 'ignore',
      });
      const [certificatePem, pkcs8] = [readFileSync(`${directory}/cert`, 'utf8'), readFileSync(`${directory}/key`, 'utf8')];
      const authority = loadCertificateAuthority({ ...source(), certificatePem, privateKeyPem: pkcs8 });
      const issued = await authority.issue(adminRequest('ann'));
      expect(new X509Certificate(issued.certificatePem).verify(createPublicKey(certificatePem))).toBe(true);
      expect(execFileSync('openssl', ['verify', '-CAfile', `${directory}/cert`], { input: issued.certificatePem, encoding: 'utf8' })).toContain('OK');
      const wrong = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs1', format: 'pem' } });
      expect(() => loadCertificateAuthority({ ...source(), certificatePem, privateKeyPem: wrong.privateKey })).toThrow('does not belong');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('key sets', () => {
  it('read back as written, in kops’ form', async () => {
    const keyset = await createKeyset('service-account', source());
    const text = formatKeyset(keyset);
    expect(text).toMatch(/^apiVersion: kops.k8s.io\/v1alpha2\nkind: Keyset\nmetadata:\n {2}creationTimestamp: null\n {2}name: service-account\nspec:\n {2}keys:\n/);
    expect(parseKeyset(text, 'service-account', 'x')).toEqual(keyset);
    expect(certificateFacts(keyset.items[0]!.certificatePem).serial).toBe(keyset.primaryId);
    const years = (Date.parse(keyset.items[0]!.expires) - Date.now()) / (365 * 86_400_000);
    expect(Math.round(years)).toBe(10);
  });

  it('names what is wrong with one', async () => {
    const keyset = await createKeyset('kubernetes-ca', source());
    const where = 'demo/pki/private/kubernetes-ca/keyset.yaml';
    const text = formatKeyset(keyset);
    for (const broken of ['kind: Other', text.replace(/primaryID: .*/, 'primaryID: "1"'), text.replace(/publicMaterial: .*/, 'publicMaterial: bm9uc2Vuc2U=')]) {
      expect(() => parseKeyset(broken, 'kubernetes-ca', where)).toThrow(where);
    }
    const distrusted: Keyset = { ...keyset, items: keyset.items.map((item) => ({ ...item, distrusted: '2026-01-01T00:00:00Z' })) };
    expect(() => primaryKey(distrusted)).toThrow('is distrusted');
    expect(trustBundle(parseKeyset(formatKeyset(distrusted), 'kubernetes-ca', where))).toBe('');
  });
});

describe('service account tokens', () => {
  const clock = new VirtualClock();
  const account = {
    namespace: 'default',
    name: 'builder',
    uid: 'u-1',
    audiences: ['api'],
    expiresSeconds: clock.now() / 1000 + 3600,
    bound: { kind: 'pod' as const, name: 'p', uid: 'u-2' },
  };
  const options = { clock, issuer: 'https://api.internal.demo', audiences: ['api', 'other'] };

  it('are believed until they end, from their issuer, for their audience, while their key is trusted', async () => {
    const [old, fresh] = await Promise.all([createKeyset('service-account', source()), createKeyset('service-account', { clock: realClock, random: new SeededRandom(8) })]);
    const token = issueServiceAccountToken(createTokenSigner(old), account, { ...options, id: 'j-1' });
    const both: Keyset = { name: 'service-account', primaryId: fresh.primaryId, items: [...old.items, ...fresh.items] };
    const verifier = createTokenVerifier(both);
    expect(verifyServiceAccountToken(verifier, token, options)).toEqual(account);
    expect(verifyServiceAccountToken(verifier, token, { ...options, issuer: 'https://else' })).toBeUndefined();
    expect(verifyServiceAccountToken(verifier, token, { ...options, audiences: ['vault'] })).toBeUndefined();
    expect(verifyServiceAccountToken(verifier, token, { ...options, clock: new VirtualClock(clock.now() + 3_600_000) })).toBeUndefined();
    expect(verifyServiceAccountToken(createTokenVerifier(fresh), token, options)).toBeUndefined();
    expect(jsonWebKeys(both)).toHaveLength(2);
  });

  it('are refused when they are changed, or choose their own algorithm', async () => {
    const keyset = await createKeyset('service-account', source());
    const verifier = createTokenVerifier(keyset);
    const [header, payload, signature] = createTokenSigner(keyset).sign({ sub: 'a' }).split('.') as [string, string, string];
    const recode = (part: string, change: object) => Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(part, 'base64url').toString()), ...change })).toString('base64url');
    expect(verifier.verify(`${header}.${payload}.${signature}`)).toEqual({ sub: 'a' });
    expect(verifier.verify(`${header}.${recode(payload, { sub: 'b' })}.${signature}`)).toBeUndefined();
    expect(verifier.verify(`${recode(header, { alg: 'none' })}.${payload}.`)).toBeUndefined();
    for (const nonsense of ['', '..', 'a.b.c', `${header}.${payload}.${signature}.x`]) expect(verifier.verify(nonsense)).toBeUndefined();
  });
});
