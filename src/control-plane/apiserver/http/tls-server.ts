import type { IncomingMessage } from 'node:http';
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest } from 'node:http2';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { ApiHandler, UserInfo } from '../../../kube/request.ts';
import type { Log } from '../../../lib/log.ts';
import { serveRequest } from './serve-request.ts';
import { serveUpgrade } from './serve-upgrade.ts';

export interface ServeTlsOptions {
  handler: ApiHandler;
  tls: {
    key: string;
    cert: string;
    /** PEM of the CA whose client certificates are identities. */
    ca: string;
  };
  log: Log;
}

export interface TlsServer {
  /** Takes a connection, wherever it was accepted. */
  accept(stream: Duplex): void;
  /** Ends all connections. */
  close(): void;
}

/** A watcher whose machine lost its power says no goodbye; the system asks for it after so long. */
const tcpKeepAliveMs = 30_000;

/** HTTP/2 and HTTP/1.1 over TLS for an API handler. Client certificates are asked for; one that the CA signed proves its user. */
export function serveTls({ handler, tls, log }: ServeTlsOptions): TlsServer {
  const server = createSecureServer({ ...tls, allowHTTP1: true, requestCert: true, rejectUnauthorized: false, settings: { maxConcurrentStreams: 1000 } });
  const connections = new Set<Duplex>();
  server.on('request', (request, response) => serveRequest({ handler, user: userOf(request), log }, request, response));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => serveUpgrade({ handler, user: userOf(request), log }, request, socket, head));
  guard(server, log);
  return {
    accept(stream) {
      connections.add(stream);
      if (stream instanceof Socket) stream.setNoDelay().setKeepAlive(true, tcpKeepAliveMs);
      // Nothing more is said to a client that has hung up; TLS takes this over from the socket.
      stream.allowHalfOpen = false;
      stream.once('close', () => connections.delete(stream));
      stream.on('error', (error) => log.debug('a connection failed', { error }));
      server.emit('connection', stream);
    },
    close() {
      for (const connection of connections) connection.destroy();
    },
  };
}

/** A client that goes away at the wrong moment must never end the server. */
function guard(server: Http2SecureServer, log: Log): void {
  const note = (what: string) => (error: unknown) => log.debug(what, { error });
  server.on('sessionError', note('an HTTP/2 session failed'));
  server.on('tlsClientError', note('a TLS handshake failed'));
  server.on('clientError', (error: Error, socket: Duplex) => {
    note('an HTTP/1.1 request was malformed')(error);
    socket.destroy();
  });
  server.on('secureConnection', (socket) => socket.on('error', note('a connection failed')));
  server.on('session', (session) => session.on('error', note('an HTTP/2 session failed')));
}

const usersByConnection = new WeakMap<object, { user: UserInfo | undefined }>();

/** Who a connection's certificate proves; read once a connection. */
function userOf(request: IncomingMessage | Http2ServerRequest): UserInfo | undefined {
  // Over HTTP/2 `socket` is a new proxy each time; the session is what stays.
  const session = 'stream' in request ? request.stream?.session : undefined;
  const connection = session ?? request.socket;
  let known = usersByConnection.get(connection);
  if (!known) {
    known = { user: certificateUser(session?.socket ?? request.socket) };
    usersByConnection.set(connection, known);
  }
  return known.user;
}

/** CN is the user, O its groups; only for certificates that the CA signed. */
function certificateUser(socket: unknown): UserInfo | undefined {
  const subject = (socket as TLSSocket).authorized ? (socket as TLSSocket).getPeerCertificate().subject : undefined;
  if (!subject) return undefined;
  const { CN, O } = subject as { CN?: string | string[]; O?: string | string[] };
  const name = [CN].flat()[0];
  return name ? { name, groups: [O ?? []].flat() } : undefined;
}
