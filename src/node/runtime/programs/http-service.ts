import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection, Listener } from '../../../fabric/fabric.ts';
import { systemCode } from '../../../lib/errors.ts';
import type { Process } from '../container/process.ts';

export interface HttpExchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The client's address as the server may know it. */
  client: Connection['remote'];
}

export interface HttpService {
  port: number;
  /** Stops accepting, lets running requests finish, ends idle connections. */
  drain(): Promise<void>;
}

/** A connection that was accepted but has not asked yet gets this long when the service ends. */
const lateRequestMs = 1_000;

/** Serves HTTP on the pod's address. Throws the system's error when the port is taken. Ends with the process. */
export async function serveHttp(process: Process, options: { address?: string; port: number }, handle: (exchange: HttpExchange) => void | Promise<void>): Promise<HttpService> {
  const service = new Service(process, handle);
  await service.listen(options.address ?? '', options.port);
  return service;
}

class Service implements HttpService {
  port = 0;
  private readonly process: Process;
  private readonly handle: (exchange: HttpExchange) => void | Promise<void>;
  private readonly clients = new WeakMap<Duplex, Connection['remote']>();
  /** Requests served so far, by open connection; negative while one runs. */
  private readonly open = new Map<Duplex, { served: number; running: boolean }>();
  private readonly server = createServer((request, response) => this.onRequest(request, response));
  private listener: Listener | undefined;
  private draining = false;
  private drained: (() => void) | undefined;

  constructor(process: Process, handle: (exchange: HttpExchange) => void | Promise<void>) {
    this.process = process;
    this.handle = handle;
  }

  async listen(address: string, port: number): Promise<void> {
    this.listener = await this.process.machine.network.listen(address, port, (connection) => this.onConnection(connection));
    this.port = this.listener.port;
    this.process.onEnd(() => {
      void this.listener?.close();
      for (const stream of this.open.keys()) stream.destroy();
    });
  }

  async drain(): Promise<void> {
    this.draining = true;
    await this.listener?.close();
    const waiting = [...this.open].filter(([, state]) => !state.running);
    for (const [stream, state] of waiting) if (state.served > 0) stream.end();
    if (waiting.some(([, state]) => state.served === 0)) await this.process.sleep(lateRequestMs);
    for (const [stream, state] of this.open) if (!state.running) stream.destroy();
    if (this.open.size > 0) await this.process.until(new Promise<void>((resolve) => (this.drained = resolve)));
  }

  private onConnection(connection: Connection): void {
    const { stream } = connection;
    this.clients.set(stream, connection.remote);
    this.open.set(stream, { served: 0, running: false });
    stream.once('close', () => {
      this.open.delete(stream);
      if (this.draining && this.open.size === 0) this.drained?.();
    });
    this.server.emit('connection', stream);
  }

  private onRequest(request: IncomingMessage, response: ServerResponse): void {
    const state = this.open.get(request.socket);
    if (state) state.running = true;
    if (this.draining) response.shouldKeepAlive = false;
    response.sendDate = false;
    response.setHeader('Date', httpDate(this.process.machine.clock.now()));
    response.once('close', () => {
      if (state) Object.assign(state, { served: state.served + 1, running: false });
      if (this.draining) request.socket.end();
    });
    const client = this.clients.get(request.socket) ?? { ip: '0.0.0.0', port: 0 };
    void this.answer({ request, response, client });
  }

  private async answer(exchange: HttpExchange): Promise<void> {
    try {
      await this.handle(exchange);
    } catch (error) {
      if (this.process.alive && systemCode(error) === undefined) this.process.machine.reportBug(error, this.process.argv);
      exchange.response.destroy();
    }
  }
}

export function httpDate(epochMs: number): string {
  return new Date(epochMs).toUTCString();
}

/** A whole answer with its length. */
export function send(response: ServerResponse, status: number, body: string | Uint8Array, headers: Record<string, string> = {}): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { ...headers, 'Content-Length': bytes.length });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}
