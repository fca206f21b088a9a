import { createHash } from 'node:crypto';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import type { AwsApi } from '../api/clients.ts';

/** Binds a signed request to what it is sent with: its hash is one of the signed headers. kops' name for it. */
export const boundHeader = 'x-kops-request-sha';

const body = 'Action=GetCallerIdentity&Version=2011-06-15';
const contentType = 'application/x-www-form-urlencoded; charset=utf-8';
const validMs = 300_000;
const timeoutMs = 10_000;

/** A signed call of GetCallerIdentity that anybody who has it can make, once more: what it is bound to, where it goes and what it asks are not part of it. */
export interface SignedCall {
  authorization: string;
  /** `20260102T030405Z` */
  date: string;
  securityToken?: string;
}

/** The STS of the region, or the endpoint that all AWS tools are told to use. Never one that a client names. */
export function stsUrl(region: string, variables: Environment['variables']): URL {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return new URL(variables.AWS_ENDPOINT_URL_STS || variables.AWS_ENDPOINT_URL || `https://sts.${region}.${domain}`);
}

/** Signs with the credentials that the SDK finds: on an instance, those of its role. */
export async function signCall(aws: AwsApi, url: URL, bound: string): Promise<SignedCall> {
  const sts = await aws.service('sts');
  const signer = await sts.config.signer({ name: 'sigv4', schemeId: 'aws.auth#sigv4', signingName: 'sts', signingRegion: aws.region, properties: {} } as never);
  const request = { method: 'POST', protocol: url.protocol, hostname: url.hostname, path: '/', query: {}, body };
  const { headers } = await signer.sign({ ...request, headers: { host: url.host, 'content-type': contentType, [boundHeader]: bound } });
  const { authorization = '', 'x-amz-date': date = '', 'x-amz-security-token': securityToken } = headers;
  return { authorization, date, ...(securityToken === undefined ? {} : { securityToken }) };
}

/** Who signed the call, in STS' own word. Throws CloudError `denied` when STS or the call itself says no. */
export async function callerArn(call: SignedCall, url: URL, bound: string, environment: Pick<Environment, 'clock' | 'signal'>): Promise<string> {
  checkCall(call, environment.clock.now());
  const headers: Record<string, string> = {
    authorization: call.authorization,
    'content-type': contentType,
    'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
    'x-amz-date': call.date,
    [boundHeader]: bound,
    ...(call.securityToken === undefined ? {} : { 'x-amz-security-token': call.securityToken }),
  };
  const { status, text } = await post(url, headers, environment);
  const arn = /<Arn>([^<]+)<\/Arn>/.exec(text)?.[1];
  if (status === 200 && arn !== undefined) return arn;
  const message = /<Message>([^<]+)<\/Message>/.exec(text)?.[1] ?? `it answers ${status}`;
  throw new CloudError(status >= 500 ? 'unavailable' : 'denied', 'GetCallerIdentity', `STS does not confirm who this is: ${message}`);
}

/** What STS would not notice: a signature that is not bound to the request, or that was made long ago. */
function checkCall({ authorization, date }: SignedCall, now: number): void {
  const signed = /SignedHeaders=([\w;-]+)/.exec(authorization)?.[1]?.split(';') ?? [];
  const missing = ['host', 'x-amz-date', boundHeader].filter((header) => !signed.includes(header));
  if (missing.length > 0) throw denied(`its signature does not cover ${missing.join(', ')}`);
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (!(Math.abs(now - signedAt) <= validMs)) throw denied('it was not made within the last five minutes');
}

async function post(url: URL, headers: Record<string, string>, { clock, signal }: Pick<Environment, 'clock' | 'signal'>): Promise<{ status: number; text: string }> {
  const late = new AbortController();
  const timer = clock.setTimer(timeoutMs, () => late.abort(), { background: true });
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal: AbortSignal.any([signal, late.signal]) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new CloudError('unavailable', 'GetCallerIdentity', `${url.host} does not answer`, { object: url.host, cause: error });
  } finally {
    timer.cancel();
  }
}

export function denied(why: string): CloudError {
  return new CloudError('denied', 'verifyIdentity', `the proof of identity is not accepted: ${why}`);
}
