import type { KubeletStreams } from '../../kube/kubelet-api.ts';
import type { Container } from '../../kube/objects.ts';

/** CRI in small: what a kubelet asks of a container runtime. Ids are the runtime's own. All calls are idempotent where CRI's are. */
export interface Runtime {
  name: string;
  version: string;
  /** Network and shared state of one pod. */
  runSandbox(config: SandboxConfig): Promise<Sandbox>;
  stopSandbox(sandboxId: string): Promise<void>;
  removeSandbox(sandboxId: string): Promise<void>;
  listSandboxes(): Promise<Sandbox[]>;
  /** Throws ImageError (`ErrImagePull`, `InvalidImageName`, `ImageInspectError`) as the kubelet reports it. */
  pullImage(image: string, options: { signal: AbortSignal }): Promise<PulledImage>;
  imagePresent(image: string): Promise<PulledImage | undefined>;
  listImages(): Promise<PulledImage[]>;
  createContainer(sandboxId: string, config: ContainerConfig): Promise<string>;
  /** Throws ContainerError when the program cannot be started; the container has then exited with reason `StartError` and code 128. */
  startContainer(containerId: string): Promise<void>;
  /** TERM, then KILL after the grace period. Resolves when it has exited. */
  stopContainer(containerId: string, gracePeriodSeconds: number): Promise<void>;
  removeContainer(containerId: string): Promise<void>;
  containerStatus(containerId: string): Promise<RuntimeContainer>;
  listContainers(): Promise<RuntimeContainer[]>;
  /** State changes as they happen: no polling (CRI's event stream). */
  onEvent(callback: (event: { type: 'started' | 'stopped' | 'removed'; sandboxId: string; containerId: string }) => void): () => void;
  /** The exit code. Throws ContainerError when the container does not run or has no such program. */
  exec(containerId: string, command: string[], streams: ExecStreams): Promise<number>;
  /** Attaches to the container's own stdin and output; resolves when it ends or the signal aborts. */
  attach(containerId: string, streams: ExecStreams): Promise<void>;
  logs(containerId: string, options: LogOptions): AsyncIterable<LogLine>;
}

export interface SandboxConfig {
  namespace: string;
  name: string;
  uid: string;
  ip: string;
  hostname: string;
  hostNetwork: boolean;
  nodeName: string;
  labels: Record<string, string>;
}

export interface Sandbox extends SandboxConfig {
  id: string;
  state: 'ready' | 'notReady';
  createdAt: number;
}

export interface ContainerConfig {
  name: string;
  /** Counts restarts; part of the log's name. */
  attempt: number;
  image: string;
  spec: Container;
  /** Resolved: literals, fieldRefs, config maps and secrets. */
  env: Record<string, string>;
  /** Files by absolute path (projected volumes, config maps, secrets); directories shared in the pod by volume name. */
  mounts: readonly Mount[];
  tty: boolean;
  stdin: boolean;
}

export interface Mount {
  mountPath: string;
  readOnly: boolean;
  /** Shared in the pod: containers that mount the same volume see the same map of relative path → content. */
  volume: Map<string, Uint8Array>;
  subPath?: string;
}

export interface RuntimeContainer {
  id: string;
  sandboxId: string;
  name: string;
  attempt: number;
  image: string;
  imageId: string;
  state: 'created' | 'running' | 'exited';
  createdAt: number;
  startedAt?: number;
  finishedAt?: number;
  exitCode?: number;
  /** `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun`, `StartError`. */
  reason?: string;
  message?: string;
}

export interface PulledImage {
  id: string;
  names: string[];
  sizeBytes: number;
}

/** What the API server hands the kubelet goes through to the runtime as it is. */
export type ExecStreams = KubeletStreams;

export interface LogOptions {
  follow: boolean;
  tailLines?: number;
  /** Only lines written at or after this time (milliseconds since the epoch). */
  sinceMs?: number;
  signal: AbortSignal;
}

export interface LogLine {
  timeMs: number;
  stream: 'stdout' | 'stderr';
  /** Without its line end. */
  text: string;
  /** The line goes on in the next one, or the program ended without a line end. */
  partial?: boolean;
}

export class ImageError extends Error {
  readonly reason: 'ErrImagePull' | 'InvalidImageName' | 'ErrImageNeverPull' | 'RegistryUnavailable';
  constructor(reason: ImageError['reason'], message: string) {
    super(message);
    this.name = 'ImageError';
    this.reason = reason;
  }
}

/** A container or sandbox that cannot do what is asked: `NotFound`, `NotRunning`, `StartError` (message as runc gives it), `ImageNotPresent`. */
export class ContainerError extends Error {
  readonly reason: 'NotFound' | 'NotRunning' | 'StartError' | 'ImageNotPresent' | 'NameInUse';
  constructor(reason: ContainerError['reason'], message: string) {
    super(message);
    this.name = 'ContainerError';
    this.reason = reason;
  }
}
