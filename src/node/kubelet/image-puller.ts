import type { EventRecorder } from '../../kube/event-recorder.ts';
import type { Container, Pod } from '../../kube/objects.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { ImageError, type PulledImage, type Runtime } from '../runtime/runtime.ts';
import { BackOff } from './back-off.ts';
import { containerReference } from './container-reference.ts';

export type ImageState =
  | { state: 'ready'; image: PulledImage }
  /** Looked up or pulled right now; the caller is woken when that changes. */
  | { state: 'busy' }
  | { state: 'waiting'; reason: string; message: string; retryInMs: number | undefined };

interface Failure {
  reason: string;
  message: string;
  atMs: number;
  announced: boolean;
}
type Entry = { state: 'busy' } | { state: 'ready'; image: PulledImage } | { state: 'failed'; failure: Failure };

// The kubelet shows ErrImagePull until the pod is looked at again, which is when it finds the back-off still running.
const showErrorMs = 3_000;

export interface ImagePullerOptions {
  runtime: Runtime;
  clock: Clock;
  events: EventRecorder;
  signal: AbortSignal;
}

/** Images for containers: pull policy, back-off and the events that tell of them. Never waits for a pull: `ensure` says how things stand. */
export class ImagePuller {
  private readonly options: ImagePullerOptions;
  private readonly entries = new Map<string, Entry>();
  private readonly pulls = new Map<string, Promise<PulledImage>>();
  private readonly backOff: BackOff;

  constructor(options: ImagePullerOptions) {
    this.options = options;
    this.backOff = new BackOff(options.clock);
  }

  /** `ready` is said once for each start of a container: the next start asks its pull policy again. */
  async ensure(pod: Pod, container: Container, wake: () => void): Promise<ImageState> {
    const key = keyOf(pod, container);
    const entry = this.entries.get(key);
    if (entry?.state === 'busy') return entry;
    if (entry?.state === 'ready') {
      this.entries.delete(key);
      return entry;
    }
    const waiting = entry && this.waiting(key, entry.failure, pod, container);
    if (waiting) return waiting;
    try {
      const image = await this.present(pod, container);
      if (image) return { state: 'ready', image };
    } catch (error) {
      const failure = this.failed(key, pod, container, error);
      this.entries.set(key, { state: 'failed', failure });
      return this.waiting(key, failure, pod, container) ?? { state: 'busy' };
    }
    this.entries.set(key, { state: 'busy' });
    void this.fetch(key, pod, container).then((next) => {
      if (this.entries.get(key)?.state === 'busy') this.entries.set(key, next);
      wake();
    });
    return { state: 'busy' };
  }

  forget(pod: Pod): void {
    for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
      this.entries.delete(keyOf(pod, container));
      this.backOff.forget(keyOf(pod, container));
    }
  }

  private waiting(key: string, failure: Failure, pod: Pod, container: Container): ImageState | undefined {
    const { reason, message, atMs } = failure;
    if (reason === 'InvalidImageName') return { state: 'waiting', reason, message, retryInMs: undefined };
    const left = this.backOff.waitMs(key, atMs);
    if (left === 0) return undefined;
    const shown = this.options.clock.now() - atMs;
    if (reason !== 'ErrImagePull' || shown < showErrorMs)
      return { state: 'waiting', reason, message, retryInMs: Math.min(left, reason === 'ErrImagePull' ? showErrorMs - shown : left) };
    const text = `Back-off pulling image "${container.image}"`;
    if (!failure.announced) {
      failure.announced = true;
      this.event(pod, container, 'Normal', 'BackOff', text);
      this.event(pod, container, 'Warning', 'Failed', 'Error: ImagePullBackOff');
    }
    return { state: 'waiting', reason: 'ImagePullBackOff', message: `${text}: ${reason}: ${message}`, retryInMs: left };
  }

  private async fetch(key: string, pod: Pod, container: Container): Promise<Entry> {
    try {
      const image = await this.obtain(pod, container);
      this.backOff.forget(key);
      return { state: 'ready', image };
    } catch (error) {
      return { state: 'failed', failure: this.failed(key, pod, container, error) };
    }
  }

  /** Undefined: it has to be pulled. */
  private async present(pod: Pod, container: Container): Promise<PulledImage | undefined> {
    const name = container.image ?? '';
    const policy = container.imagePullPolicy ?? defaultPolicy(name);
    if (policy === 'Always') return undefined;
    const image = await this.options.runtime.imagePresent(name);
    if (image) this.event(pod, container, 'Normal', 'Pulled', `Container image "${name}" already present on machine and can be accessed by the pod`);
    else if (policy === 'Never') throw new ImageError('ErrImageNeverPull', `Container image "${name}" is not present with pull policy of Never`);
    return image;
  }

  private async obtain(pod: Pod, container: Container): Promise<PulledImage> {
    const { clock } = this.options;
    const name = container.image ?? '';
    const startedAt = clock.now();
    this.event(pod, container, 'Normal', 'Pulling', `Pulling image "${name}"`);
    const image = await this.pull(name);
    const took = seconds(clock.now() - startedAt);
    this.event(pod, container, 'Normal', 'Pulled', `Successfully pulled image "${name}" in ${took} (${took} including waiting). Image size: ${image.sizeBytes} bytes.`);
    return image;
  }

  /** Pods that start at the same time share one pull. */
  private pull(name: string): Promise<PulledImage> {
    const running = this.pulls.get(name);
    if (running) return running;
    const pull = this.options.runtime.pullImage(name, { signal: this.options.signal }).finally(() => this.pulls.delete(name));
    this.pulls.set(name, pull);
    return pull;
  }

  private failed(key: string, pod: Pod, container: Container, error: unknown): Failure {
    const reason = error instanceof ImageError ? error.reason : 'ErrImagePull';
    const message = messageOf(error);
    const atMs = this.options.clock.now();
    this.backOff.next(key, atMs);
    if (reason === 'InvalidImageName') this.event(pod, container, 'Warning', 'InspectFailed', message);
    else if (reason === 'ErrImageNeverPull') this.event(pod, container, 'Warning', 'ErrImageNeverPull', message);
    else this.event(pod, container, 'Warning', 'Failed', `Failed to pull image "${container.image}": ${message}`);
    this.event(pod, container, 'Warning', 'Failed', `Error: ${reason}`);
    return { reason, message, atMs, announced: false };
  }

  private event(pod: Pod, container: Container, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.options.events.event(containerReference(pod, container.name), type, reason, message);
  }
}

function keyOf(pod: Pod, container: Container): string {
  return `${pod.metadata.uid}/${container.name}`;
}

function defaultPolicy(image: string): 'Always' | 'IfNotPresent' {
  const tag = /:([^/:@]+)$/.exec(image)?.[1];
  return image.includes('@') || (tag !== undefined && tag !== 'latest') ? 'IfNotPresent' : 'Always';
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${Number((ms / 1000).toFixed(3))}s`;
}
