import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { ApiHandler, ApiRequest, UserInfo } from '../../../kube/request.ts';
import { badRequest, StatusError } from '../../../kube/status.ts';
import type { Log } from '../../../lib/log.ts';
import { errorResponse } from '../result.ts';
import { sendResponse } from './send-response.ts';

export type HttpRequest = IncomingMessage | Http2ServerRequest;
export type HttpResponse = ServerResponse | Http2ServerResponse;

export interface Service {
  handler: ApiHandler;
  /** Proved by a client certificate. */
  user: UserInfo | undefined;
  log: Log;
}

/** An AbortSignal that is made when somebody asks for it: most requests end before anybody does. */
class LazySignal {
  private controller: AbortController | undefined;
  private aborted = false;

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort();
    }
    return this.controller.signal;
  }

  abort(): void {
    this.aborted = true;
    this.controller?.abort();
  }
}

/** As Kubernetes: the largest object etcd would take, twice. */
const maxBodyBytes = 3 * 1024 * 1024;

/** One request over HTTP. Never throws; the answer may be a stream that outlives the call. */
export function serveRequest(service: Service, request: HttpRequest, response: HttpResponse): void {
  const gone = new LazySignal();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  response.on('error', (error: unknown) => service.log.debug('a response failed', { error }));
  request.on('error', (error: unknown) => service.log.debug('a request failed', { error }));
  readBody(request)
    .then((body) => service.handler(apiRequest(service, request, body, gone)), errorResponse)
    .then((answer) => sendResponse(request, response, answer))
    .catch((error: unknown) => {
      service.log.error('a response could not be sent', { error });
      response.destroy();
    });
}

export function apiRequest({ user }: Service, request: HttpRequest, body: Uint8Array | undefined, gone: { readonly signal: AbortSignal }): ApiRequest {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const made: ApiRequest = {
    method: (request.method ?? 'GET') as ApiRequest['method'],
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers: request.headers as Record<string, string | undefined>,
    get signal() {
      return gone.signal;
    },
  };
  if (body) made.body = body;
  if (user) made.user = user;
  return made;
}

function readBody(request: HttpRequest): Promise<Uint8Array | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD') {
    request.resume();
    return Promise.resolve(undefined);
  }
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= maxBodyBytes) chunks.push(chunk);
      else reject(new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`));
    });
    let complete = false;
    request.on('end', () => {
      complete = true;
      resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
    });
    request.on('close', () => {
      if (!complete) reject(badRequest('the request ended too early'));
    });
  });
}
