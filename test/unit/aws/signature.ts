import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface SignedRequest {
  method?: string;
  url?: string;
  headers: IncomingHttpHeaders;
}

export interface Expected {
  service: string;
  region: string;
  /** By access key id. */
  secretOf(id: string): string | undefined;
}

const sha256 = (data: string) => createHash('sha256').update(data).digest('hex');

/** Checks Signature Version 4 in the authorization header, as AWS does. Undefined: it is right; otherwise what is wrong. */
export function signatureFinding({ method, url = '', headers }: SignedRequest, { service, region, secretOf }: Expected, body = ''): string | undefined {
  const scope = `([^/]+)/(\\d{8})/${region}/${service}/aws4_request`;
  const pattern = new RegExp(`^AWS4-HMAC-SHA256 Credential=${scope}, ?SignedHeaders=([^,]+), ?Signature=(\\w+)$`);
  const [, id = '', day = '', signed = '', signature] = pattern.exec(headers.authorization ?? '') ?? [];
  const secret = secretOf(id);
  if (secret === undefined) return `authorization: ${headers.authorization}`;
  const names = signed.split(';');
  if (headers['x-amz-security-token'] !== undefined && !names.includes('x-amz-security-token')) return `signed headers: ${signed}`;
  const canonical = [method, url, '', ...names.map((name) => `${name}:${headers[name]}`), '', signed, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], `${day}/${region}/${service}/aws4_request`, sha256(canonical)].join('\n');
  const mac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(mac, `AWS4${secret}`);
  return mac(key, text).toString('hex') === signature ? undefined : `the signature of\n${canonical}`;
}
