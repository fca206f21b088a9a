import { X509Certificate } from 'node:crypto';
import { formatTime } from '../lib/clock.ts';

export interface CertificateFacts {
  commonName: string;
  organizations: string[];
  /** Decimal, as kops writes key ids. */
  serial: string;
  /** RFC 3339. */
  issued: string;
  expires: string;
}

/** What a certificate says of itself. Throws when the PEM is none. */
export function certificateFacts(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem);
  // One `key=value` a line; a certificate of our own has no escapes in CN or O.
  const parts = certificate.subject.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return {
    commonName: parts.find(([key]) => key === 'CN')?.[1] ?? '',
    organizations: parts.filter(([key]) => key === 'O').map(([, value]) => value),
    serial: BigInt(`0x${certificate.serialNumber}`).toString(),
    issued: formatTime(Date.parse(certificate.validFrom)),
    expires: formatTime(Date.parse(certificate.validTo)),
  };
}
