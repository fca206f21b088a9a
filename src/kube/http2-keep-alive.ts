import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../lib/clock.ts';

/** After one such period without a byte the peer is asked whether it is there, and has so long to answer: client-go's numbers. */
const readIdleMs = 30_000;
const pingTimeoutMs = 15_000;

/**
 * Ends a session whose peer went silent: a machine that lost its power or its network says no goodbye, and a watch on it would wait for ever.
 * It looks only while requests are open, so an idle client has no timer.
 */
export class Http2KeepAlive {
  private readonly session: ClientHttp2Session;
  private readonly socket: TLSSocket;
  private readonly clock: Clock;
  private open = 0;
  private timer: Timer | undefined;

  constructor(session: ClientHttp2Session, socket: TLSSocket, clock: Clock) {
    this.session = session;
    this.socket = socket;
    this.clock = clock;
  }

  /** Looks after the session for as long as this request lasts. */
  guard(stream: ClientHttp2Stream): void {
    this.open++;
    if (this.open === 1) this.watch();
    stream.once('close', () => {
      this.open--;
      if (this.open === 0) this.timer?.cancel();
    });
  }

  private watch(): void {
    const before = this.socket.bytesRead;
    this.arm(readIdleMs, () => {
      if (this.socket.bytesRead === before) this.ping();
      else this.watch();
    });
  }

  private ping(): void {
    if (this.session.destroyed) return;
    const before = this.socket.bytesRead;
    this.session.ping(() => {});
    this.arm(pingTimeoutMs, () => {
      if (this.socket.bytesRead === before) this.giveUp();
      else this.watch();
    });
  }

  /** The socket goes too: the session alone would wait until the peer has taken what is still to be sent. */
  private giveUp(): void {
    this.session.destroy(new Error(`the server has been silent for ${(readIdleMs + pingTimeoutMs) / 1000} s or more and answers no ping`));
    this.socket.destroy();
  }

  private arm(delayMs: number, callback: () => void): void {
    this.timer?.cancel();
    this.timer = this.clock.setTimer(delayMs, callback, { background: true });
  }
}
