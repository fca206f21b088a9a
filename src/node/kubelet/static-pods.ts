import { createHash } from 'node:crypto';
import type { KubeClient } from '../../kube/client.ts';
import type { NodeObject, Pod } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import { formatTime, type Timer } from '../../lib/clock.ts';
import type { Environment } from '../../lib/environment.ts';
import { messageOf } from '../../lib/errors.ts';
import { canonicalJson } from '../../lib/json.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const retryMs = 1_000;

/** A manifest on the machine as the pod the kubelet runs: named for its node, with a uid that follows from its content. */
export function staticPod(manifest: Pod, nodeName: string, nowMs: number): Pod {
  const hash = createHash('md5').update(canonicalJson({ manifest, nodeName })).digest('hex');
  const annotations = {
    ...manifest.metadata.annotations,
    'kubernetes.io/config.hash': hash,
    'kubernetes.io/config.seen': formatTime(nowMs),
    'kubernetes.io/config.source': 'file',
  };
  const tolerations = [...(manifest.spec.tolerations ?? []), { operator: 'Exists' as const, effect: 'NoExecute' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...manifest.metadata, name: `${manifest.metadata.name}-${nodeName}`, namespace: manifest.metadata.namespace ?? 'kube-system', uid: hash, annotations },
    spec: { ...manifest.spec, nodeName, tolerations },
  };
}

export function isMirror(pod: Pod): boolean {
  return pod.metadata.annotations?.[mirrorAnnotation] !== undefined;
}

export interface MirrorPodsOptions {
  client: KubeClient;
  environment: Environment;
  node(): NodeObject | undefined;
}

/** Keeps an image of each static pod in the API: made when it is missing, made again when someone deletes it. */
export class MirrorPods {
  private readonly options: MirrorPodsOptions;
  private readonly timers = new Set<Timer>();
  private stopped = false;

  constructor(options: MirrorPodsOptions) {
    this.options = options;
  }

  async create(pod: Pod): Promise<void> {
    if (this.stopped) return;
    const { client, environment, node } = this.options;
    try {
      const owner = node();
      const { uid, ...metadata } = pod.metadata;
      const annotations = { ...metadata.annotations, [mirrorAnnotation]: uid ?? '' };
      const ownerReferences = owner ? [{ apiVersion: 'v1', kind: 'Node', name: owner.metadata.name, uid: owner.metadata.uid ?? '', controller: true }] : [];
      await client.create<Pod>(resourceTypes.pods, { ...pod, metadata: { ...metadata, annotations, ownerReferences } });
    } catch (error) {
      if (isStatus(error, 'AlreadyExists') || this.stopped) return;
      environment.log.debug('a mirror pod was not made, tried again', { pod: pod.metadata.name, error: messageOf(error) });
      this.later(() => this.create(pod));
    }
  }

  /** A mirror of another content (the manifest or the node has changed), or one that was asked to go: taken away at once. */
  async remove(mirror: Pod): Promise<void> {
    const { namespace, name, uid } = mirror.metadata;
    try {
      await this.options.client.delete(resourceTypes.pods, namespace, name, { gracePeriodSeconds: 0, ...(uid ? { preconditions: { uid } } : {}) });
    } catch (error) {
      if (isStatus(error, 'NotFound', 'Conflict') || this.stopped) return;
      this.later(() => this.remove(mirror));
    }
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) timer.cancel();
  }

  private later(action: () => Promise<void>): void {
    const timer = this.options.environment.clock.setTimer(
      retryMs,
      () => {
        this.timers.delete(timer);
        if (!this.stopped) void action();
      },
      { background: true },
    );
    this.timers.add(timer);
  }
}

/** The mirror shows this very static pod. */
export function mirrors(mirror: Pod, pod: Pod): boolean {
  return mirror.metadata.annotations?.[mirrorAnnotation] === pod.metadata.uid;
}
