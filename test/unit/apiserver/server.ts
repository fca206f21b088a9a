import { createApiServer } from '../../../src/control-plane/apiserver/apiserver.ts';
import type { Dial } from '../../../src/control-plane/apiserver/connect/proxy.ts';
import { ensureBootstrapObjects } from '../../../src/control-plane/bootstrap-objects.ts';
import { createMemoryStore } from '../../../src/control-plane/store/memory-store.ts';
import type { Store } from '../../../src/control-plane/store/store.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { ApiRequest, ApiResponse, UserInfo } from '../../../src/kube/request.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { createKeyset } from '../../../src/pki/keyset.ts';

export const admin: UserInfo = { name: 'admin', groups: ['system:masters'] };
const serviceClusterIPRange = '10.96.0.0/16';

export interface Asked {
  method?: ApiRequest['method'];
  headers?: Record<string, string>;
  body?: object | string;
  /** null: nobody. */
  user?: UserInfo | null;
}

/** An API server over a memory store and a clock that stands still. */
export async function startServer(options: { store?: Store; clock?: VirtualClock; tokens?: boolean; dial?: Dial } = {}) {
  const clock = options.clock ?? new VirtualClock();
  const store = options.store ?? createMemoryStore({ clock });
  const random = new SeededRandom(1);
  const environment = { clock, random, log: silentLog, signal: new AbortController().signal, variables: {} };
  const keys = options.tokens ? { serviceAccountKeys: { issuer: 'https://issuer', keyset: await createKeyset('service-account', { clock, random }) } } : {};
  const api = await createApiServer({ store, environment, kubernetesVersion: 'v1.36.0', serviceClusterIPRange, ...keys, ...(options.dial && { dial: options.dial }) });
  const client = api.client(admin);
  await ensureBootstrapObjects({ client, log: silentLog, serviceClusterIPRange, addresses: [{ ip: '10.0.0.1', port: 443 }] });
  await client.create(resourceTypes.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } }).catch(() => {});
  const ask = (url: string, { method = 'GET', headers = {}, body, user = admin }: Asked = {}): Promise<ApiResponse> => {
    const [path = '', search = ''] = url.split('?', 2);
    const request: ApiRequest = { method, path, query: new URLSearchParams(search), headers };
    if (body !== undefined) request.body = typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
    if (user) request.user = user;
    return api.handler(request);
  };
  return { api, client, clock, store, ask };
}

export type TestServer = Awaited<ReturnType<typeof startServer>>;

export function text({ body }: ApiResponse): string {
  if (body.type === 'object') return Buffer.from(body.encoded()).toString();
  if (body.type === 'bytes') return Buffer.from(body.bytes).toString();
  throw new Error(`a ${body.type} has no text`);
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the server answered
export function json(response: ApiResponse): any {
  return JSON.parse(text(response));
}

export const configMap = (name: string, extra: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, ...extra });

/** All that a streamed answer says. */
export function streamed({ body }: ApiResponse): Promise<string> {
  if (body.type !== 'stream') throw new Error(`a ${body.type} is no stream`);
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    body.start({ write: (chunk) => chunks.push(chunk) > 0, end: () => resolve(Buffer.concat(chunks).toString()), onDrain: () => {} });
  });
}
