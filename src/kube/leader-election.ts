import { microTimestamp } from '../lib/clock.ts';
import type { Environment } from '../lib/environment.ts';
import { messageOf } from '../lib/errors.ts';
import type { KubeClient } from './client.ts';
import type { Lease } from './objects.ts';
import { resourceTypes } from './resource-types.ts';
import { isStatus } from './status.ts';

export interface LeaderElectionOptions {
  client: KubeClient;
  environment: Environment;
  /** Of the Lease: `kube-scheduler`. */
  name: string;
  /** Default kube-system. */
  namespace?: string;
  /**
   * Who holds it; unique among those who compete. One that stays the same over a restart takes its own lease back at once,
   * one that changes waits until the old one has run out.
   */
  identity: string;
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  /** Called each time it is won; what it gives is stopped when the lease is lost, or before it is given up. */
  lead(): { stop(): Promise<void> };
}

export interface LeaderElection {
  readonly leading: boolean;
  /** Waits until what it led has ended, then gives the Lease up so that another can take it at once. */
  stop(): Promise<void>;
}

/** As client-go's: 15 s lease, 10 s to renew it, a try every 2 s. Another's lease runs out by our clock since we last saw it change. */
export function startLeaderElection(options: LeaderElectionOptions): LeaderElection {
  return new Elector(options);
}

class Elector implements LeaderElection {
  leading = false;
  private readonly options: LeaderElectionOptions;
  private readonly leaseDurationMs: number;
  private readonly renewDeadlineMs: number;
  private readonly retryPeriodMs: number;
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private seen: { lease: Lease; record: string; atMs: number } | undefined;

  constructor(options: LeaderElectionOptions) {
    this.options = options;
    this.leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.retryPeriodMs = options.retryPeriodMs ?? 2000;
    this.running = this.run().catch((error: unknown) => options.environment.log.error(`${options.name} failed`, { error }));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { log } = this.options.environment;
    while (!this.stopping.signal.aborted) {
      if (await this.tryAcquireOrRenew()) await this.holdOffice();
      else await this.pause();
    }
    log.debug('leader election ended', { lease: this.options.name });
  }

  /** From winning until losing or stopping. */
  private async holdOffice(): Promise<void> {
    const { lead, environment, name } = this.options;
    this.leading = true;
    environment.log.debug('became leader', { lease: name });
    const office = lead();
    await this.renewUntilLost();
    this.leading = false;
    await office.stop();
    if (this.stopping.signal.aborted) await this.release();
    else environment.log.warn('leader election lost', { lease: name });
  }

  private async renewUntilLost(): Promise<void> {
    const { clock } = this.options.environment;
    let renewedMs = clock.now();
    for (;;) {
      await this.pause();
      if (this.stopping.signal.aborted) return;
      if (await this.tryAcquireOrRenew()) renewedMs = clock.now();
      else if (this.taken() || clock.now() - renewedMs >= this.renewDeadlineMs) return;
    }
  }

  private async tryAcquireOrRenew(): Promise<boolean> {
    try {
      return await this.attempt();
    } catch (error) {
      if (!isStatus(error, 'Conflict', 'AlreadyExists')) this.options.environment.log.debug('leader election failed', { lease: this.options.name, error: messageOf(error) });
      // Somebody else wrote: look again instead of trusting what we knew.
      this.seen = undefined;
      return false;
    }
  }

  private async attempt(): Promise<boolean> {
    const { client, identity, environment } = this.options;
    const now = microTimestamp(environment.clock);
    // While we hold it nobody else writes: the state we know is tried first, which spares a read every time.
    if (!this.leading || !this.seen) {
      const current = await this.read();
      if (!current) {
        this.observe(await client.create(resourceTypes.leases, this.leaseWith({ acquireTime: now, leaseTransitions: 0 }, now)));
        return true;
      }
      this.observe(current);
    }
    const known = this.seen;
    if (!known) return false;
    const { holderIdentity, leaseTransitions = 0, acquireTime = now } = known.lease.spec;
    const mine = holderIdentity === identity;
    if (!mine && holderIdentity && environment.clock.now() < known.atMs + (known.lease.spec.leaseDurationSeconds ?? 0) * 1000) return false;
    const spec = mine ? { acquireTime, leaseTransitions } : { acquireTime: now, leaseTransitions: leaseTransitions + 1 };
    this.observe(await client.update(resourceTypes.leases, { ...this.leaseWith(spec, now), metadata: known.lease.metadata }));
    return true;
  }

  private async read(): Promise<Lease | undefined> {
    try {
      return await this.options.client.get<Lease>(resourceTypes.leases, this.namespace, this.options.name);
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  private observe(lease: Lease): void {
    const record = JSON.stringify(lease.spec);
    const atMs = this.seen?.record === record ? this.seen.atMs : this.options.environment.clock.now();
    this.seen = { lease, record, atMs };
  }

  private taken(): boolean {
    const holder = this.seen?.lease.spec.holderIdentity;
    return holder !== undefined && holder !== '' && holder !== this.options.identity;
  }

  private leaseWith(spec: Lease['spec'], renewTime: string, holderIdentity = this.options.identity): Lease {
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: this.options.name, namespace: this.namespace },
      spec: { holderIdentity, leaseDurationSeconds: this.leaseDurationMs / 1000, renewTime, ...spec },
    };
  }

  private async release(): Promise<void> {
    if (!this.seen || this.seen.lease.spec.holderIdentity !== this.options.identity) return;
    const now = microTimestamp(this.options.environment.clock);
    const released = this.leaseWith({ leaseDurationSeconds: 1, acquireTime: now, leaseTransitions: this.seen.lease.spec.leaseTransitions ?? 0 }, now, '');
    try {
      await this.options.client.update(resourceTypes.leases, { ...released, metadata: this.seen.lease.metadata });
    } catch (error) {
      this.options.environment.log.debug('the lease could not be given up', { lease: this.options.name, error: messageOf(error) });
    }
  }

  private get namespace(): string {
    return this.options.namespace ?? 'kube-system';
  }

  private async pause(): Promise<void> {
    const { clock, random } = this.options.environment;
    const signal = this.stopping.signal;
    // Up to a fifth longer, so that those who compete do not move in step.
    const jitter = this.leading ? 1 : 1 + random.next() / 5;
    await clock.sleep(this.retryPeriodMs * jitter, signal).catch(() => {});
  }
}
