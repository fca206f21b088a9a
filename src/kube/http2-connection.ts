import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { messageOf } from '../lib/errors.ts';
import { Http2KeepAlive } from './http2-keep-alive.ts';
import type { HttpsClientOptions } from './https-client.ts';
import { StatusError } from './status.ts';

/** client-go's numbers, as those of the keep-alive. */
const handshakeTimeoutMs = 10_000;
const tcpKeepAliveMs = 30_000;

interface Opened {
  session: ClientHttp2Session;
  keepAlive: Http2KeepAlive;
}

/** One HTTP/2 session to an API server, shared by all requests; made anew when it is gone. */
export class Http2Connection {
  private readonly options: HttpsClientOptions;
  private readonly url: URL;
  private opened: Promise<Opened> | undefined;

  constructor(options: HttpsClientOptions) {
    this.options = options;
    this.url = new URL(options.server);
  }

  /** A stream with its headers sent; the body is the caller's to end. Throws StatusError ServiceUnavailable. */
  async open(method: string, path: string, contentType?: string): Promise<ClientHttp2Stream> {
    const { token, userAgent = 'kops-ts' } = this.options;
    const headers: Record<string, string> = { ':method': method, ':path': path, accept: 'application/json', 'user-agent': userAgent };
    if (token) headers.authorization = `Bearer ${token()}`;
    if (contentType !== undefined) headers['content-type'] = contentType;
    const { session, keepAlive } = await this.current();
    try {
      const stream = session.request(headers, { endStream: method === 'GET' });
      keepAlive.guard(stream);
      return stream;
    } catch (error) {
      throw unreachable(this.url, error);
    }
  }

  close(): void {
    this.opened?.then(
      ({ session }) => session.destroy(),
      () => {},
    );
    this.opened = undefined;
  }

  private current(): Promise<Opened> {
    if (this.opened) return this.opened;
    const opening = this.connect();
    const forget = () => {
      if (this.opened === opening) this.opened = undefined;
    };
    opening.then(({ session }) => {
      // A session that is destroyed is closed only when its socket has let go.
      session.on('error', forget);
      session.on('close', forget);
      session.on('goaway', forget);
    }, forget);
    this.opened = opening;
    return opening;
  }

  private async connect(): Promise<Opened> {
    const { url } = this;
    try {
      const port = Number(url.port || 443);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const socket = await (this.options.dial ?? dialTcp)(host, port);
      const secured = await this.secure(socket, host);
      const session = connectHttp2(url, { createConnection: () => secured });
      // Every request hears of a failure by its own stream.
      session.on('error', () => {});
      return { session, keepAlive: new Http2KeepAlive(session, secured, this.options.clock) };
    } catch (error) {
      throw unreachable(url, error);
    }
  }

  private secure(socket: Duplex, host: string): Promise<TLSSocket> {
    const { certificateAuthority, clientCertificate, serverName, clock } = this.options;
    return new Promise((resolve, reject) => {
      const name = serverName ?? host;
      // A server that hangs up is gone. TLS takes this over from the socket; a session whose other half is open would never hear of it.
      socket.allowHalfOpen = false;
      const secured = connectTls({
        socket,
        ca: certificateAuthority,
        ALPNProtocols: ['h2'],
        host: name,
        ...(isIP(name) === 0 && { servername: name }),
        ...(clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.privateKey }),
      });
      // A server that dies in the middle may leave a socket that is closed without an error.
      const closed = () => reject(new Error('the connection was closed before it was secured'));
      const late = () => secured.destroy(new Error(`no TLS handshake within ${handshakeTimeoutMs / 1000} s`));
      const timer = clock.setTimer(handshakeTimeoutMs, late, { background: true });
      secured.once('close', () => timer.cancel());
      secured.once('secureConnect', () => {
        timer.cancel();
        secured.removeListener('error', reject);
        secured.removeListener('close', closed);
        resolve(secured);
      });
      secured.once('error', reject);
      secured.once('close', closed);
    });
  }
}

function dialTcp(host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs });
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function unreachable(url: URL, error: unknown): StatusError {
  return new StatusError('ServiceUnavailable', `the API server at ${url.origin} cannot be reached: ${messageOf(error)}`);
}
