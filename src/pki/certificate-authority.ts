import { createPrivateKey, createPublicKey, type webcrypto, X509Certificate } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { KopsError } from '../lib/errors.ts';
import type { Random } from '../lib/random.ts';
import { generateKeys, pkiSerial } from './keys.ts';

type X509 = typeof import('@peculiar/x509');
type CryptoKey = webcrypto.CryptoKey;

const dayMs = 86_400_000;
/** Clocks differ: what is issued now is valid for one that is two days slow, as in kops. */
const backdatedMs = 2 * dayMs;

export interface CertificateRequest {
  subject: { commonName: string; organizations?: readonly string[] };
  dnsNames?: readonly string[];
  ipAddresses?: readonly string[];
  usages: readonly ('client' | 'server')[];
  /** Default 365; never beyond the authority's own end. */
  validDays?: number;
  /** SPKI: the key to certify. Without it a P-256 pair is made. */
  publicKeyPem?: string;
}

export interface IssuedCertificate {
  certificatePem: string;
  /** PKCS #8; only when the key pair was made here. */
  privateKeyPem?: string;
}

/** Issues certificates that the holders of its own certificate trust. */
export interface CertificateAuthority {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  issue(request: CertificateRequest & { publicKeyPem?: undefined }): Promise<Required<IssuedCertificate>>;
  issue(request: CertificateRequest): Promise<IssuedCertificate>;
}

export interface AuthoritySource {
  clock: Clock;
  random: Random;
}

/** A new self-signed authority with a P-256 key. `validDays` default 3650, `serial` default a new one. */
export async function createCertificateAuthority(options: AuthoritySource & { commonName: string; validDays?: number; serial?: bigint }): Promise<CertificateAuthority> {
  const { clock, random, commonName } = options;
  const [x509, keys] = await Promise.all([loadX509(), generateKeys()]);
  const [publicKey, privateKey] = await Promise.all([importPublicKey(x509, keys.publicKeyPem), importPrivateKey(x509, keys.privateKeyPem)]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialHex(options.serial ?? pkiSerial(clock, random)),
    name: [{ CN: [commonName] }],
    ...validity(clock, options.validDays ?? 3650),
    keys: { publicKey, privateKey },
    signingAlgorithm: signingAlgorithm(privateKey),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return loadCertificateAuthority({ clock, random, certificatePem: `${certificate.toString('pem')}\n`, privateKeyPem: keys.privateKeyPem });
}

/** The private key may be PKCS #8, PKCS #1 or SEC 1, EC or RSA. Throws KopsError PKI_KEY_MISMATCH when key and certificate do not belong together. */
export function loadCertificateAuthority(options: AuthoritySource & { certificatePem: string; privateKeyPem: string }): CertificateAuthority {
  return new Authority(options);
}

class Authority implements CertificateAuthority {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  private readonly source: AuthoritySource;
  private readonly notAfter: number;
  private signer: Promise<{ x509: X509; certificate: InstanceType<X509['X509Certificate']>; key: CryptoKey }> | undefined;

  constructor(options: AuthoritySource & { certificatePem: string; privateKeyPem: string }) {
    this.certificatePem = options.certificatePem;
    this.privateKeyPem = options.privateKeyPem;
    this.source = options;
    const certificate = new X509Certificate(options.certificatePem);
    this.notAfter = Date.parse(certificate.validTo);
    if (certificate.checkPrivateKey(createPrivateKey(options.privateKeyPem))) return;
    const name = certificate.subject;
    throw new KopsError(`the private key does not belong to the certificate of ${name}`, { code: 'PKI_KEY_MISMATCH', exit: 'invalid', object: name });
  }

  issue(request: CertificateRequest & { publicKeyPem?: undefined }): Promise<Required<IssuedCertificate>>;
  issue(request: CertificateRequest): Promise<IssuedCertificate>;
  async issue(request: CertificateRequest): Promise<IssuedCertificate> {
    const { clock, random } = this.source;
    this.signer ??= this.loadSigner();
    const { x509, certificate, key } = await this.signer;
    const made = request.publicKeyPem === undefined ? await generateKeys() : undefined;
    const publicKey = await importPublicKey(x509, made?.publicKeyPem ?? request.publicKeyPem ?? '');
    const issued = await x509.X509CertificateGenerator.create({
      serialNumber: serialHex(pkiSerial(clock, random)),
      subject: subjectName(request.subject),
      issuer: certificate.subjectName,
      ...validity(clock, request.validDays ?? 365, this.notAfter),
      publicKey,
      signingKey: key,
      signingAlgorithm: signingAlgorithm(key),
      extensions: await leafExtensions(x509, request, certificate),
    });
    const certificatePem = `${issued.toString('pem')}\n`;
    return made ? { certificatePem, privateKeyPem: made.privateKeyPem } : { certificatePem };
  }

  private async loadSigner() {
    const x509 = await loadX509();
    return { x509, certificate: new x509.X509Certificate(this.certificatePem), key: await importPrivateKey(x509, this.privateKeyPem) };
  }
}

/** The library is large and many commands need none of it. */
async function loadX509(): Promise<X509> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

function subjectName(subject: CertificateRequest['subject']) {
  return [...(subject.organizations ?? []).map((organization) => ({ O: [organization] })), { CN: [subject.commonName] }];
}

async function leafExtensions(x509: X509, request: CertificateRequest, authority: InstanceType<X509['X509Certificate']>) {
  const names = [...(request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })), ...(request.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value }))];
  const usages = { client: x509.ExtendedKeyUsage.clientAuth, server: x509.ExtendedKeyUsage.serverAuth };
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension(request.usages.map((usage) => usages[usage])),
    await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ];
}

function validity(clock: Clock, days: number, latest = Number.POSITIVE_INFINITY): { notBefore: Date; notAfter: Date } {
  const now = clock.now();
  return { notBefore: new Date(now - backdatedMs), notAfter: new Date(Math.min(now + days * dayMs, latest)) };
}

function serialHex(serial: bigint): string {
  const text = serial.toString(16);
  return text.length % 2 === 0 ? text : `0${text}`;
}

function algorithmOf(keyType: string | undefined) {
  return keyType === 'rsa' ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: 'P-256' };
}

function signingAlgorithm(key: CryptoKey) {
  return key.algorithm.name === 'ECDSA' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: key.algorithm.name, hash: 'SHA-256' };
}

function importPrivateKey(x509: X509, pem: string): Promise<CryptoKey> {
  const key = createPrivateKey(pem);
  const { subtle } = x509.cryptoProvider.get();
  return subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), algorithmOf(key.asymmetricKeyType), false, ['sign']);
}

function importPublicKey(x509: X509, pem: string): Promise<CryptoKey> {
  const key = createPublicKey(pem);
  const { subtle } = x509.cryptoProvider.get();
  return subtle.importKey('spki', key.export({ type: 'spki', format: 'der' }), algorithmOf(key.asymmetricKeyType), true, ['verify']);
}
