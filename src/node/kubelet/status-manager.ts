import type { KubeClient } from '../../kube/client.ts';
import type { Pod, PodStatus } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import type { Timer } from '../../lib/clock.ts';
import type { Environment } from '../../lib/environment.ts';
import { messageOf } from '../../lib/errors.ts';
import { deepEqual } from '../../lib/json.ts';

interface Entry {
  namespace: string;
  name: string;
  uid: string;
  desired: PodStatus;
  sent: PodStatus | undefined;
  writing: boolean;
  timer?: Timer;
  waiting: (() => void)[];
}

// Most pods run a few milliseconds after they came. A person who watches sees what they were in between (ContainerCreating);
// when many come at once it is not worth a write each.
const pendingDelayMs = 150;
const promptBurst = 10;
const promptPerSecond = 5;
const retryMs = 1_000;

/** Writes pod statuses: only what changed, one write at a time for a pod, several changes in one write. */
export class StatusManager {
  private readonly client: KubeClient;
  private readonly environment: Environment;
  private readonly entries = new Map<string, Entry>();
  private stopped = false;
  private prompt = promptBurst;
  private promptAtMs = 0;

  constructor(client: KubeClient, environment: Environment) {
    this.client = client;
    this.environment = environment;
  }

  /** The status that was set last, or what the API has. */
  current(pod: Pod): PodStatus | undefined {
    return this.entries.get(pod.metadata.uid ?? '')?.desired ?? pod.status;
  }

  /** `pod.metadata.uid` is that of the object in the API. */
  set(pod: Pod, status: PodStatus): void {
    const uid = pod.metadata.uid ?? '';
    let entry = this.entries.get(uid);
    if (!entry) {
      entry = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid, desired: status, sent: pod.status, writing: false, waiting: [] };
      this.entries.set(uid, entry);
    }
    entry.desired = status;
    this.schedule(entry, status.phase === 'Pending' && !hasBadNews(status) && !this.promptly(entry) ? pendingDelayMs : 0);
  }

  /** True for the first status of a pod, as long as few pods come. */
  private promptly(entry: Entry): boolean {
    if (entry.sent?.containerStatuses || entry.writing) return false;
    const nowMs = this.environment.clock.now();
    this.prompt = Math.min(promptBurst, this.prompt + ((nowMs - this.promptAtMs) / 1000) * promptPerSecond);
    this.promptAtMs = nowMs;
    if (this.prompt < 1) return false;
    this.prompt--;
    return true;
  }

  /** Resolves when what was set is written, or the pod is gone. */
  async flush(pod: Pod): Promise<void> {
    const entry = this.entries.get(pod.metadata.uid ?? '');
    if (!entry || this.stopped || deepEqual(entry.desired, entry.sent)) return;
    await new Promise<void>((resolve) => {
      entry.waiting.push(resolve);
      this.schedule(entry, 0);
    });
  }

  forget(uid: string): void {
    const entry = this.entries.get(uid);
    entry?.timer?.cancel();
    this.entries.delete(uid);
    for (const resolve of entry?.waiting ?? []) resolve();
  }

  stop(): void {
    this.stopped = true;
    for (const uid of [...this.entries.keys()]) this.forget(uid);
  }

  private schedule(entry: Entry, delayMs: number): void {
    if (entry.writing || this.stopped) return;
    if (delayMs > 0 && entry.timer) return;
    entry.timer?.cancel();
    delete entry.timer;
    if (delayMs > 0) entry.timer = this.environment.clock.setTimer(delayMs, () => void this.write(entry), { background: true });
    else queueMicrotask(() => void this.write(entry));
  }

  private async write(entry: Entry): Promise<void> {
    if (entry.writing || this.stopped || this.entries.get(entry.uid) !== entry) return;
    entry.timer?.cancel();
    delete entry.timer;
    entry.writing = true;
    let retry = false;
    while (!deepEqual(entry.desired, entry.sent) && !retry && this.entries.get(entry.uid) === entry) retry = !(await this.send(entry));
    entry.writing = false;
    if (retry) return this.schedule(entry, retryMs);
    for (const resolve of entry.waiting.splice(0)) resolve();
  }

  /** False: try again later. */
  private async send(entry: Entry): Promise<boolean> {
    const { desired } = entry;
    try {
      const patch = { metadata: { uid: entry.uid }, status: difference(entry.sent ?? {}, desired) };
      await this.client.patch(resourceTypes.pods, entry.namespace, entry.name, patch, 'application/strategic-merge-patch+json', { subresource: 'status' });
      entry.sent = desired;
    } catch (error) {
      if (isStatus(error, 'NotFound', 'Conflict')) {
        // Gone, or another pod has its name by now: there is nothing to tell.
        entry.sent = desired;
        return true;
      }
      if (!this.stopped) this.environment.log.warn('the status of a pod was not written', { pod: `${entry.namespace}/${entry.name}`, error: messageOf(error) });
      return false;
    }
    return true;
  }
}

function difference(old: PodStatus, next: PodStatus): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(next)) if (!deepEqual(old[key], next[key])) patch[key] = next[key];
  for (const key of ['message', 'reason'] as const) if (old[key] !== undefined && next[key] === undefined) patch[key] = null;
  if (patch.conditions !== undefined) patch.conditions = next.conditions?.map((condition) => withoutOldReason(old.conditions, condition));
  return patch;
}

/** Conditions are merged by type: what a condition no longer says must be taken out by name. */
function withoutOldReason(old: PodStatus['conditions'], condition: NonNullable<PodStatus['conditions']>[number]): Record<string, unknown> {
  const before = old?.find(({ type }) => type === condition.type);
  const gone = (['message', 'reason'] as const).filter((key) => before?.[key] !== undefined && condition[key] === undefined);
  return { ...condition, ...Object.fromEntries(gone.map((key) => [key, null])) };
}

function hasBadNews(status: PodStatus): boolean {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].some(
    ({ state, restartCount }) => restartCount > 0 || state?.terminated || (state?.waiting?.reason ?? '').match(/Err|BackOff|Invalid/),
  );
}
