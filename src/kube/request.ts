import type { Duplex } from 'node:stream';
import type { KubeObject } from './objects.ts';

/** Who asks, after authentication. */
export interface UserInfo {
  name: string;
  uid?: string;
  groups: string[];
  extra?: Record<string, string[]>;
}

/** One API request without a socket. The HTTP server and the direct client both make these. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  /** Without query: `/api/v1/namespaces/default/pods`. */
  path: string;
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  /** Bytes as they came, or (direct calls) an object that the server may keep: the caller gives it away. */
  body?: Uint8Array | object;
  /** Set: this identity is already proved (client certificate, direct call). Unset: the server looks at the Authorization header. */
  user?: UserInfo;
  /** Aborts when the client goes away. */
  signal?: AbortSignal;
}

/** `encoded` is made at most once per stored object and shared by every reader. */
export interface ApiObjectBody {
  type: 'object';
  object: KubeObject;
  encoded(): Uint8Array;
}

export interface ApiBytesBody {
  type: 'bytes';
  contentType: string;
  bytes: Uint8Array;
}

/** A watch: `start` is called once, then `event`s until `stop` or `end`. */
export interface ApiWatchBody {
  type: 'watch';
  start(sink: ApiWatchSink): { stop(): void };
}

export interface ApiWatchSink {
  /** `encoded` is one line of the stream: `{"type":…,"object":…}` and a newline. */
  event(type: string, object: KubeObject, encoded: () => Uint8Array): void;
  end(status?: KubeObject): void;
  /** False while the reader is behind; a sink that stays behind is ended with 410. */
  readonly ready: boolean;
  /** Calls back once when `ready` is true again. Readers that are always ready need not have it. */
  onReady?(callback: () => void): void;
}

/** Raw bytes as they come (logs, proxied responses). */
export interface ApiStreamBody {
  type: 'stream';
  contentType: string;
  start(sink: { write(chunk: Uint8Array): boolean; end(): void; onDrain(callback: () => void): void }): { stop(): void };
}

/** The connection changes its protocol (exec, attach, port-forward): the server adapter hands over what the client asked for. */
export interface ApiUpgradeBody {
  type: 'upgrade';
  protocol: 'remoteCommand' | 'portForward';
  /** Called with the accepted channel streams; resolves when the session is over. */
  serve(session: UpgradeSession): Promise<void>;
}

export interface ForwardedConnection {
  port: number;
  stream: Duplex;
  /** Tells the client why the connection came to nothing. */
  error(message: string): void;
}

/** A remote command session after the WebSocket or SPDY hand-shake, without its framing. */
export interface UpgradeSession {
  stdin: AsyncIterable<Uint8Array>;
  stdout(chunk: Uint8Array): void;
  stderr(chunk: Uint8Array): void;
  onResize(callback: (size: { width: number; height: number }) => void): void;
  /** Port-forward: called for every connection that the client forwards. */
  onConnection?(callback: (connection: ForwardedConnection) => void): void;
  /** Ends the session with a metav1.Status. */
  close(status: object): void;
  signal: AbortSignal;
}

export type ApiBody = ApiObjectBody | ApiBytesBody | ApiWatchBody | ApiStreamBody | ApiUpgradeBody;

export interface ApiResponse {
  status: number;
  headers?: Record<string, string | string[]>;
  body: ApiBody;
}

/** Never throws: failures are responses with a metav1.Status. */
export type ApiHandler = (request: ApiRequest) => Promise<ApiResponse>;
