import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type * as grpc from '@grpc/grpc-js';
import type { Clock } from '../../../lib/clock.ts';
import { requirePackage } from '../../../lib/require-package.ts';
import { type Method, type WatchRequest, type WatchResponse, watch } from './messages.ts';

/** PEM. The certificate is the client's, as etcd's `--client-cert-auth` wants it. */
export interface EtcdTls {
  certificateAuthority: string;
  certificate: string;
  privateKey: string;
}

/** How long one member is waited for. Its own limit for a request, five seconds and a little, is longer: another member may be faster. */
const attemptMs = 4_000;

/** A connection to one member: made when it is needed, and again when it was lost. */
export class EtcdMember {
  readonly address: string;
  private readonly client: grpc.Client;
  private readonly needLeader: grpc.Metadata;
  private readonly clock: Clock;
  private readonly readyState: number;
  private readonly streams = new Set<{ cancel(): void }>();

  /** `endpoint`: `host:port`, or a URL. */
  constructor(endpoint: string, tls: EtcdTls | undefined, clock: Clock) {
    const { Client, Metadata, connectivityState } = requirePackage('@grpc/grpc-js') as typeof grpc;
    this.address = endpoint.replace(/^https?:\/\//, '').replace(/\/$/, '');
    this.clock = clock;
    this.readyState = connectivityState.READY;
    this.needLeader = new Metadata();
    // A member that is cut off from the others then says so, instead of keeping a reader waiting.
    this.needLeader.set('hasleader', 'true');
    this.client = new Client(this.address, ...credentialsFor(this.address, tls));
  }

  /** A connection stands: a request that fails now may have arrived. */
  get connected(): boolean {
    return this.client.getChannel().getConnectivityState(false) === this.readyState;
  }

  /** Rejects with gRPC's ServiceError. */
  ask<Request, Response>({ path, request, response }: Method<Request, Response>, message: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      const call = this.client.makeUnaryRequest<Request, Response>(path, encoder(request), response.decode, message, this.needLeader, {}, (error, answer) => {
        timer.cancel();
        if (error) reject(error);
        else resolve(answer as Response);
      });
      const timer = this.clock.setTimer(attemptMs, () => call.cancel(), { background: true });
    });
  }

  /** Answers until the stream ends; `ended` is called once, also after `stop`. */
  follow(create: WatchRequest, sink: { answer(response: WatchResponse): void; ended(why: string): void }): { stop(): void } {
    const call = this.client.makeBidiStreamRequest<WatchRequest, WatchResponse>(watch.path, encoder(watch.request), watch.response.decode, this.needLeader, {});
    call.on('data', (response: WatchResponse) => sink.answer(response));
    call.on('error', () => {});
    call.on('status', ({ details }: grpc.StatusObject) => {
      this.streams.delete(call);
      sink.ended(details);
    });
    call.write(create);
    this.streams.add(call);
    return { stop: () => call.cancel() };
  }

  /** Those who follow look for another member. */
  endStreams(): void {
    for (const stream of this.streams) stream.cancel();
  }

  close(): void {
    this.client.close();
  }
}

function encoder<Request>(message: { encode(value: Request): Uint8Array }): (value: Request) => Buffer {
  return (value) => {
    const { buffer, byteOffset, byteLength } = message.encode(value);
    return Buffer.from(buffer, byteOffset, byteLength);
  };
}

function credentialsFor(address: string, tls: EtcdTls | undefined): [grpc.ChannelCredentials, grpc.ChannelOptions] {
  const { credentials } = requirePackage('@grpc/grpc-js') as typeof grpc;
  if (!tls) return [credentials.createInsecure(), channelOptions];
  const host = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  // TLS knows no server names that are addresses: the certificate is compared with the address all the same.
  const [verify, options] = isIP(host)
    ? [
        { checkServerIdentity: (_name: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate) },
        { ...channelOptions, 'grpc.ssl_target_name_override': 'etcd' },
      ]
    : [{}, channelOptions];
  return [credentials.createSsl(Buffer.from(tls.certificateAuthority), Buffer.from(tls.privateKey), Buffer.from(tls.certificate), verify), options];
}

const channelOptions: grpc.ChannelOptions = {
  // Whether a request may be sent again is decided here, not by the library.
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  // A name that leads to another machine from now on.
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // A machine that vanished answers no ping. Etcd allows one every five seconds.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  // As much as a list or a watch that catches up has.
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
};
