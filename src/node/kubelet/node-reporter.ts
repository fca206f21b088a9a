import type { KubeClient } from '../../kube/client.ts';
import type { EventRecorder } from '../../kube/event-recorder.ts';
import type { Lease, NodeObject, ObjectReference } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import { microTimestamp, type Timer, timestamp } from '../../lib/clock.ts';
import type { Environment } from '../../lib/environment.ts';
import { messageOf } from '../../lib/errors.ts';
import { deepEqual } from '../../lib/json.ts';
import { uuid } from '../../lib/random.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { NodeIdentity } from './node-identity.ts';
import { type NodeFacts, newNode, nodeLabels, nodeStatus } from './node-object.ts';

const leaseNamespace = 'kube-node-lease';
const leaseDurationSeconds = 40;
const leaseRenewMs = 10_000;
const statusReportMs = 300_000;
const retryFirstMs = 100;
const retryLongestMs = 5_000;

export interface NodeReporterOptions {
  client: KubeClient;
  environment: Environment;
  identity: NodeIdentity;
  runtime: Runtime;
  events: EventRecorder;
  /** Called with the Node as it stands in the API, before its status is written for the first time. */
  registered(node: NodeObject): void;
  /** The reason the node is not ready; undefined: it is. Asked at each report. */
  notReady(): { reason: string; message: string } | undefined;
}

/** Registers the Node, renews its Lease every 10 seconds, writes its status when it changes and every 5 minutes. */
export class NodeReporter {
  private readonly options: NodeReporterOptions;
  private readonly bootId: string;
  private readonly timers = new Set<Timer>();
  private node: NodeObject | undefined;
  private lease: Lease | undefined;
  private reporting: Promise<void> = Promise.resolve();
  private reported: unknown;
  private ready = false;
  private stopped = false;

  constructor(options: NodeReporterOptions) {
    this.options = options;
    this.bootId = uuid(options.environment.random);
  }

  /** The Node as last written or read. */
  get object(): NodeObject | undefined {
    return this.node;
  }

  /** Resolves when the node stands in the API, ready or not; tries until it does or the reporter stops. */
  async start(): Promise<void> {
    let delayMs = retryFirstMs;
    while (!this.stopped) {
      try {
        await this.register();
        break;
      } catch (error) {
        // While a control plane starts this is what happens; only when it goes on it is news.
        const level = delayMs < retryLongestMs ? 'debug' : 'warn';
        this.options.environment.log[level]('the node was not registered, tried again', { node: this.options.identity.name, error: messageOf(error) });
        await this.options.environment.clock.sleep(delayMs);
        delayMs = Math.min(delayMs * 2, retryLongestMs);
      }
    }
    if (this.stopped) return;
    this.repeat(leaseRenewMs, () => this.renewLease());
    this.repeat(statusReportMs, () => this.report(true));
    await this.renewLease();
  }

  /** Writes the status if something in it changed (or always, with `heartbeat`). Reports follow one another. */
  report(heartbeat = false): Promise<void> {
    this.reporting = this.reporting
      .then(() => this.write(heartbeat))
      .catch((error: unknown) => {
        if (!this.stopped) this.options.environment.log.warn('the status of the node was not written', { node: this.options.identity.name, error: messageOf(error) });
      });
    return this.reporting;
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }

  private async register(): Promise<void> {
    const { client, identity } = this.options;
    const facts = await this.facts();
    try {
      this.node = await client.create(resourceTypes.nodes, newNode(facts));
      this.options.registered(this.node);
      this.reported = essence(this.node.status);
      this.announce(isReady(this.node.status));
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
      this.node = await this.takeOver(await client.get<NodeObject>(resourceTypes.nodes, undefined, identity.name));
      this.options.registered(this.node);
      await this.write(true);
    }
  }

  /** The machine came back: its own labels and provider id are put right, what others wrote stays. */
  private async takeOver(known: NodeObject): Promise<NodeObject> {
    const { client, identity } = this.options;
    const wanted = nodeLabels(identity);
    const labels = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => known.metadata.labels?.[key] !== value));
    const spec = identity.providerId && !known.spec.providerID ? { providerID: identity.providerId } : {};
    if (Object.keys(labels).length === 0 && Object.keys(spec).length === 0) return known;
    return client.patch<NodeObject>(resourceTypes.nodes, undefined, identity.name, { metadata: { labels }, spec }, 'application/strategic-merge-patch+json');
  }

  private async write(heartbeat: boolean): Promise<void> {
    const { client, identity } = this.options;
    if (!this.node || this.stopped) return;
    const status = nodeStatus(await this.facts(), this.node.status);
    const next = essence(status);
    if (!heartbeat && deepEqual(next, this.reported)) return;
    // Addresses are the cloud controllers' once they have set them.
    if (identity.cloudControllers) delete status.addresses;
    this.node = await client.patch<NodeObject>(resourceTypes.nodes, undefined, identity.name, { status }, 'application/strategic-merge-patch+json', { subresource: 'status' });
    this.reported = next;
    this.announce(isReady(status));
  }

  /** An event when the node becomes ready, or ceases to be. */
  private announce(ready: boolean): void {
    if (ready === this.ready) return;
    this.ready = ready;
    const { events, identity } = this.options;
    const reason = ready ? 'NodeReady' : 'NodeNotReady';
    events.event(nodeReference(identity.name), 'Normal', reason, `Node ${identity.name} status is now: ${reason}`);
  }

  private async facts(): Promise<NodeFacts> {
    const { environment, identity, runtime, notReady } = this.options;
    const facts: NodeFacts = { identity, runtime, images: await runtime.listImages(), bootId: this.bootId, now: timestamp(environment.clock) };
    const reason = notReady();
    if (reason) facts.notReady = reason;
    return facts;
  }

  private async renewLease(): Promise<void> {
    const { client, environment, identity } = this.options;
    const renewTime = microTimestamp(environment.clock);
    try {
      this.lease = this.lease
        ? await client.update<Lease>(resourceTypes.leases, { ...this.lease, spec: { ...this.lease.spec, renewTime } })
        : await client.create<Lease>(resourceTypes.leases, this.newLease(renewTime));
    } catch (error) {
      if (isStatus(error, 'AlreadyExists', 'Conflict')) this.lease = await client.get<Lease>(resourceTypes.leases, leaseNamespace, identity.name).catch(() => undefined);
      else this.lease = undefined;
      if (this.stopped) return;
      environment.log.debug('the lease of the node was not renewed', { node: identity.name, error: messageOf(error) });
    }
  }

  private newLease(renewTime: string): Lease {
    const { name } = this.options.identity;
    const owner = this.node ? [{ apiVersion: 'v1', kind: 'Node', name, uid: this.node.metadata.uid ?? '' }] : [];
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: leaseNamespace, ownerReferences: owner },
      spec: { holderIdentity: name, leaseDurationSeconds, renewTime },
    };
  }

  private repeat(periodMs: number, action: () => Promise<void>): void {
    const arm = () => {
      const timer = this.options.environment.clock.setTimer(
        periodMs,
        () => {
          this.timers.delete(timer);
          if (this.stopped) return;
          arm();
          void action();
        },
        { background: true },
      );
      this.timers.add(timer);
    };
    arm();
  }
}

/** A kubelet's events name the node by its name in place of a uid. */
export function nodeReference(name: string): ObjectReference {
  return { kind: 'Node', apiVersion: 'v1', name, uid: name };
}

function isReady(status: NodeObject['status']): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/** The status without what changes at every report. */
function essence(status: NodeObject['status']): unknown {
  const { conditions = [], ...rest } = status ?? {};
  return { ...rest, addresses: undefined, conditions: conditions.map(({ type, status: value, reason, message }) => ({ type, value, reason, message })) };
}
