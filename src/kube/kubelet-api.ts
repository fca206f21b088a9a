import type { Duplex } from 'node:stream';

/** What the API server asks of a node's kubelet: the `/containerLogs`, `/exec`, `/attach` and `/portForward` endpoints without their framing. */
export interface KubeletClient {
  /**
   * The container's log as kubectl prints it: whole lines with their newline, RFC 3339 time stamps in front when asked for.
   * Throws StatusError BadRequest with the kubelet's words (`container "x" in pod "y" is waiting to start: ContainerCreating`).
   */
  logs(pod: PodReference, container: string, options: KubeletLogOptions): Promise<AsyncIterable<Uint8Array>>;
  /** Resolves with the command's exit code. Throws StatusError when the container does not run or the command cannot be started. */
  exec(pod: PodReference, container: string, command: readonly string[], streams: KubeletStreams): Promise<number>;
  /** Resolves with the container's exit code, or 0 when the client leaves first. */
  attach(pod: PodReference, container: string, streams: KubeletStreams): Promise<number>;
  /** A connection to a port of the pod, as from inside it (127.0.0.1). Rejects as a dial does (`code` ECONNREFUSED). */
  portForward(pod: PodReference, port: number): Promise<Duplex>;
}

export interface PodReference {
  namespace: string;
  name: string;
  uid: string;
}

export interface KubeletLogOptions {
  follow: boolean;
  /** The instance before the last restart. */
  previous: boolean;
  timestamps: boolean;
  tailLines?: number;
  /** Only lines at or after this time, in milliseconds since the epoch. */
  sinceMs?: number;
  limitBytes?: number;
  signal: AbortSignal;
}

/** A stream the client did not ask for has no `stdin`, or drops its chunks. */
export interface KubeletStreams {
  stdin?: AsyncIterable<Uint8Array>;
  stdout(chunk: Uint8Array): void;
  stderr(chunk: Uint8Array): void;
  onResize?(callback: (size: { width: number; height: number }) => void): void;
  tty: boolean;
  signal: AbortSignal;
}

/** The kubelet of a node, or undefined when it does not run or cannot be reached. */
export type KubeletLookup = (nodeName: string) => KubeletClient | undefined;
