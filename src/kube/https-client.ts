import type { ClientHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import { deepFreeze } from '../lib/json.ts';
import type { DeleteOptions, KubeClient, ListOptions, PatchType, ResourceType, Watch, WatchHandler, WatchOptions, WriteOptions } from './client.ts';
import { deleteBody, listQuery, writeQuery } from './client-query.ts';
import { Http2Connection } from './http2-connection.ts';
import type { KubeList, KubeObject } from './objects.ts';
import { resourcePath } from './resource-types.ts';
import { type Status, StatusError } from './status.ts';
import { WatchStream } from './watch-stream.ts';

export interface HttpsClientOptions {
  /** `https://127.16.0.10:443` */
  server: string;
  /** PEM of the CA that signed the server's certificate. */
  certificateAuthority: string;
  /** PEM; who the client is. */
  clientCertificate?: { certificate: string; privateKey: string };
  /** Bearer token instead; read anew for every request. */
  token?: () => string;
  /** The name in the server's certificate, when it is not the host of the URL. */
  serverName?: string;
  /** How to reach it; default: a TCP connection of this machine. */
  dial?: (host: string, port: number) => Promise<Duplex>;
  userAgent?: string;
  /** Measures how long a server has been silent while requests are open. */
  clock: Clock;
}

export interface HttpsClient extends KubeClient {
  /** Ends the connection and every watch. The next request opens a new one. */
  close(): void;
}

/** A client over HTTP/2: one connection, opened when it is needed and again after it broke. */
export function createHttpsClient(options: HttpsClientOptions): HttpsClient {
  return new Http2Client(options);
}

class Http2Client implements HttpsClient {
  private readonly connection: Http2Connection;

  constructor(options: HttpsClientOptions) {
    this.connection = new Http2Connection(options);
  }

  async get<T extends KubeObject>(type: ResourceType, namespace: string | undefined, name: string, options: { subresource?: string } = {}): Promise<T> {
    return (await this.send('GET', resourcePath(type, namespace, name, options.subresource))) as T;
  }

  async list<T extends KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<KubeList<T>> {
    return (await this.send('GET', withQuery(resourcePath(type, options.namespace), listQuery(options)))) as KubeList<T>;
  }

  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions, handler: WatchHandler<T>): Watch {
    const query = listQuery(options);
    query.set('watch', 'true');
    query.set('allowWatchBookmarks', 'true');
    return new WatchStream(this.connection.open('GET', withQuery(resourcePath(type, options.namespace), query)), handler as WatchHandler);
  }

  async create<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions & { name?: string } = {}): Promise<T> {
    const path = resourcePath(type, object.metadata.namespace, options.name, options.subresource);
    return (await this.send('POST', withQuery(path, writeQuery(options)), object)) as T;
  }

  async update<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const path = resourcePath(type, object.metadata.namespace, object.metadata.name, options.subresource);
    return (await this.send('PUT', withQuery(path, writeQuery(options)), object)) as T;
  }

  async patch<T extends KubeObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    patchType: PatchType,
    options: WriteOptions & { force?: boolean } = {},
  ): Promise<T> {
    return (await this.send('PATCH', withQuery(resourcePath(type, namespace, name, options.subresource), writeQuery(options)), patch, patchType)) as T;
  }

  async delete(type: ResourceType, namespace: string | undefined, name: string, options: DeleteOptions = {}): Promise<KubeObject> {
    return (await this.send('DELETE', resourcePath(type, namespace, name), deleteBody(options))) as KubeObject;
  }

  async deleteCollection(type: ResourceType, options: ListOptions & DeleteOptions): Promise<void> {
    await this.send('DELETE', withQuery(resourcePath(type, options.namespace), listQuery(options)), deleteBody(options));
  }

  raw(path: string): Promise<unknown> {
    return this.send('GET', path);
  }

  close(): void {
    this.connection.close();
  }

  private async send(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<unknown> {
    const stream = await this.connection.open(method, path, body === undefined ? undefined : contentType);
    stream.end(body === undefined ? undefined : JSON.stringify(body));
    const { status, text, type } = await readAnswer(stream);
    const value: unknown = type.startsWith('application/json') && text !== '' ? JSON.parse(text) : text;
    if (status < 400) return deepFreeze(value);
    throw StatusError.from(typeof value === 'object' && value !== null ? (value as Status) : { message: text, code: status });
  }
}

function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

function readAnswer(stream: ClientHttp2Stream): Promise<{ status: number; text: string; type: string }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    let type = '';
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0;
      type = headers['content-type'] ?? '';
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', (error) => reject(new StatusError('ServiceUnavailable', `the connection to the API server broke: ${error.message}`)));
    stream.on('close', () => {
      if (status === 0 || stream.rstCode !== constants.NGHTTP2_NO_ERROR) reject(new StatusError('ServiceUnavailable', 'the API server closed the connection before it answered'));
      else resolve({ status, type, text: Buffer.concat(chunks).toString() });
    });
  });
}
