import { deepClone, deepFreeze } from '../lib/json.ts';
import type { DeleteOptions, KubeClient, ListOptions, PatchType, ResourceType, Watch, WatchEventType, WatchHandler, WatchOptions, WriteOptions } from './client.ts';
import { deleteBody, listQuery, writeQuery } from './client-query.ts';
import type { KubeList, KubeObject } from './objects.ts';
import type { ApiHandler, ApiRequest, ApiWatchBody, UserInfo } from './request.ts';
import { resourcePath } from './resource-types.ts';
import { type Status, StatusError } from './status.ts';

export interface DirectClientOptions {
  /** Noted as the writer of fields (managedFields) when a write names none; default: the last part of the user's name. */
  fieldManager?: string;
}

/** A client in the API server's own process: the same requests as over HTTPS, authorized as `user`, without encoding on either side. */
export function createDirectClient(handler: ApiHandler, user: UserInfo, options: DirectClientOptions = {}): KubeClient {
  return new DirectClient(handler, user, options.fieldManager ?? user.name.split(':').at(-1) ?? user.name);
}

class DirectClient implements KubeClient {
  private readonly handler: ApiHandler;
  private readonly user: UserInfo;
  private readonly headers: Record<string, string>;

  constructor(handler: ApiHandler, user: UserInfo, manager: string) {
    this.handler = handler;
    this.user = user;
    this.headers = { 'user-agent': manager };
  }

  async get<T extends KubeObject>(type: ResourceType, namespace: string | undefined, name: string, options: { subresource?: string } = {}): Promise<T> {
    return (await this.send('GET', resourcePath(type, namespace, name, options.subresource), new URLSearchParams())) as T;
  }

  async list<T extends KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<KubeList<T>> {
    return (await this.send('GET', resourcePath(type, options.namespace), listQuery(options))) as unknown as KubeList<T>;
  }

  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions, handler: WatchHandler<T>): Watch {
    const query = listQuery(options);
    query.set('watch', 'true');
    query.set('allowWatchBookmarks', 'true');
    return new DirectWatch(this.handler(this.request('GET', resourcePath(type, options.namespace), query)), handler as WatchHandler);
  }

  async create<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions & { name?: string } = {}): Promise<T> {
    const path = resourcePath(type, object.metadata.namespace, options.name, options.subresource);
    return (await this.send('POST', path, writeQuery(options), deepClone(object))) as T;
  }

  async update<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const path = resourcePath(type, object.metadata.namespace, object.metadata.name, options.subresource);
    return (await this.send('PUT', path, writeQuery(options), deepClone(object))) as T;
  }

  async patch<T extends KubeObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    patchType: PatchType,
    options: WriteOptions & { force?: boolean } = {},
  ): Promise<T> {
    const path = resourcePath(type, namespace, name, options.subresource);
    return (await this.send('PATCH', path, writeQuery(options), deepClone(patch) as object, patchType)) as T;
  }

  delete(type: ResourceType, namespace: string | undefined, name: string, options: DeleteOptions = {}): Promise<KubeObject> {
    return this.send('DELETE', resourcePath(type, namespace, name), new URLSearchParams(), deleteBody(options));
  }

  async deleteCollection(type: ResourceType, options: ListOptions & DeleteOptions): Promise<void> {
    await this.send('DELETE', resourcePath(type, options.namespace), listQuery(options), deleteBody(options));
  }

  async raw(path: string): Promise<unknown> {
    const [pathname = path, search = ''] = path.split('?', 2);
    return this.send('GET', pathname, new URLSearchParams(search));
  }

  private async send(method: ApiRequest['method'], path: string, query: URLSearchParams, body?: object, contentType?: string): Promise<KubeObject> {
    const response = await this.handler(this.request(method, path, query, body, contentType));
    if (response.body.type === 'bytes') return fromBytes(response.status, response.body.bytes);
    if (response.body.type !== 'object') throw new StatusError('InternalError', `${method} ${path} gives a stream: ask for it through the API server's address`);
    if (response.status >= 400) throw StatusError.from(response.body.object as unknown as Status);
    // What is stored is frozen already; the rest is small.
    return deepFreeze(response.body.object);
  }

  private request(method: ApiRequest['method'], path: string, query: URLSearchParams, body?: object, contentType?: string): ApiRequest {
    const headers = contentType === undefined ? this.headers : { ...this.headers, 'content-type': contentType };
    const request: ApiRequest = { method, path, query, headers, user: this.user };
    if (body !== undefined) request.body = body;
    return request;
  }
}

function fromBytes(status: number, bytes: Uint8Array): KubeObject {
  const text = Buffer.from(bytes).toString();
  if (status >= 400) throw StatusError.from({ message: text, code: status });
  try {
    return JSON.parse(text) as KubeObject;
  } catch {
    return text as unknown as KubeObject;
  }
}

/** Begins when the server has answered; may be stopped before that. */
class DirectWatch implements Watch {
  private running: { stop(): void } | undefined;
  private over = false;
  private readonly handler: WatchHandler;

  constructor(response: ReturnType<ApiHandler>, handler: WatchHandler) {
    this.handler = handler;
    response.then(
      ({ status, body }) => {
        if (this.over) return;
        if (body.type === 'watch') this.begin(body);
        else this.finish(StatusError.from(body.type === 'object' ? (body.object as unknown as Status) : { code: status }));
      },
      (error: unknown) => this.finish(error instanceof Error ? error : new Error(String(error))),
    );
  }

  stop(): void {
    this.over = true;
    this.running?.stop();
  }

  private begin(body: ApiWatchBody): void {
    const running = body.start({
      event: (type, object) => {
        if (!this.over) this.handler.event(type as WatchEventType, object);
      },
      end: (status) => this.finish(status && StatusError.from(status as unknown as Status)),
      ready: true,
    });
    // The handler may have stopped the watch while it got the first objects.
    if (this.over) running.stop();
    else this.running = running;
  }

  private finish(error: Error | undefined): void {
    if (this.over) return;
    this.over = true;
    this.handler.end(error);
  }
}
