import { isPlainObject } from '../../lib/json.ts';
import type { KubeletLogOptions, PodReference } from '../kubelet-api.ts';
import { badRequest } from '../status.ts';

/** The first frame of a connection: what is asked of the kubelet. */
export type KubeletRequest =
  | { method: 'logs'; pod: PodReference; container: string; options: Omit<KubeletLogOptions, 'signal'> }
  | { method: 'exec'; pod: PodReference; container: string; command: string[]; stdin: boolean; tty: boolean }
  | { method: 'attach'; pod: PodReference; container: string; stdin: boolean; tty: boolean }
  | { method: 'portForward'; pod: PodReference; port: number };

/** Throws BadRequest for what is no such request. */
export function parseKubeletRequest(content: Uint8Array): KubeletRequest {
  const value: unknown = JSON.parse(Buffer.from(content).toString());
  if (!isPlainObject(value) || !isPlainObject(value.pod) || !['namespace', 'name', 'uid'].every((field) => typeof (value.pod as Record<string, unknown>)[field] === 'string')) {
    throw badRequest('the request names no pod');
  }
  const { method, container, command, options, port } = value;
  const named = typeof container === 'string';
  const known =
    (method === 'logs' && named && isPlainObject(options)) ||
    (method === 'exec' && named && Array.isArray(command) && command.every((word) => typeof word === 'string')) ||
    (method === 'attach' && named) ||
    (method === 'portForward' && Number.isInteger(port));
  if (!known) throw badRequest(`${JSON.stringify(method)} is nothing that a kubelet does`);
  return value as unknown as KubeletRequest;
}
