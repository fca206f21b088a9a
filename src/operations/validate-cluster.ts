import type { Provider } from '../cloud/provider.ts';
import type { HttpsClient } from '../kube/https-client.ts';
import type { NodeObject, Pod } from '../kube/objects.ts';
import { resourceTypes } from '../kube/resource-types.ts';
import { isKopsError, KopsError, messageOf } from '../lib/errors.ts';
import { humanDuration, plural } from '../lib/text.ts';
import type { InstanceGroup } from '../spec/types.ts';
import { openStoredCluster } from './cluster-context.ts';
import { type ClusterHealth, judgeHealth } from './cluster-health.ts';
import { administratorEntry } from './export-kubeconfig.ts';
import type { Operator } from './operator.ts';

export interface ValidateOptions {
  /** Tried again until it passes, for so long. */
  waitMs?: number;
  /** Longest pause between two tries; the first ones follow sooner. */
  intervalMs?: number;
  /** So many successes in a row. */
  count?: number;
}

export interface Validation {
  instanceGroups: readonly InstanceGroup[];
  health: ClusterHealth;
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;

/** Whether everything that should run does. Resolves with failures when it does not, or not in time. Throws CLUSTER_NOT_APPLIED. */
export function validateCluster(operator: Operator, name: string, options: ValidateOptions = {}): Promise<Validation> {
  return openStoredCluster(operator, name, async (provider, { instanceGroups }) => {
    const observer = new Observer(operator, name, provider);
    try {
      return { instanceGroups, health: await untilHealthy(operator, options, () => observer.health(instanceGroups)) };
    } finally {
      observer.close();
    }
  });
}

async function untilHealthy(operator: Operator, options: ValidateOptions, look: () => Promise<ClusterHealth>): Promise<ClusterHealth> {
  const { clock, signal } = operator.environment;
  const { waitMs = 0, intervalMs = longestPauseMs, count = 1 } = options;
  const deadline = clock.now() + waitMs;
  let told = '';
  let successes = 0;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, intervalMs)) {
    signal.throwIfAborted();
    const health = await look();
    successes = health.failures.length === 0 ? successes + 1 : 0;
    if (successes >= count || (successes === 0 && clock.now() >= deadline)) return health;
    const state = health.failures.map((failure) => `${failure.kind} ${failure.name}`).join();
    if (state !== told) operator.onEvent({ type: 'step', message: `Waiting for the cluster (${humanDuration(deadline - clock.now())} left): ${describe(health)}` });
    told = state;
    await clock.sleep(Math.max(0, Math.min(pauseMs, waitMs > 0 ? deadline - clock.now() : pauseMs)), signal);
  }
}

function describe({ failures }: ClusterHealth): string {
  const [first] = failures;
  return first === undefined ? 'passed once, looking again' : failures.length === 1 ? first.message : `${first.message} and ${plural(failures.length - 1, 'more problem')}`;
}

/** Sees the cluster through its cloud and its API; the connection is kept between looks. */
class Observer {
  private readonly operator: Operator;
  private readonly name: string;
  private readonly provider: Provider;
  private client: HttpsClient | undefined;

  constructor(operator: Operator, name: string, provider: Provider) {
    this.operator = operator;
    this.name = name;
    this.provider = provider;
  }

  async health(instanceGroups: readonly InstanceGroup[]): Promise<ClusterHealth> {
    const groups = await this.provider.instances.groups(this.name);
    try {
      const client = await this.connect();
      const [nodes, pods] = await Promise.all([client.list<NodeObject>(resourceTypes.nodes), client.list<Pod>(resourceTypes.pods)]);
      return judgeHealth(instanceGroups, { groups, nodes: nodes.items, pods: pods.items });
    } catch (error) {
      if (isKopsError(error, 'CLUSTER_NOT_APPLIED')) throw error;
      const failure = { kind: 'apiserver' as const, name: this.name, message: `the API server does not answer: ${messageOf(error)}` };
      return { failures: [failure], nodes: [] };
    }
  }

  private async connect(): Promise<HttpsClient> {
    if (this.client) return this.client;
    const { createHttpsClient } = await import('../kube/https-client.ts');
    const entry = await administratorEntry(this.operator, this.name, this.provider);
    this.client = createHttpsClient({
      server: entry.server,
      certificateAuthority: entry.certificateAuthority,
      clock: this.operator.environment.clock,
      ...(entry.tlsServerName === undefined ? {} : { serverName: entry.tlsServerName }),
      clientCertificate: { certificate: entry.clientCertificate, privateKey: entry.clientKey },
    });
    return this.client;
  }

  close(): void {
    this.client?.close();
  }
}

/** Throws CLUSTER_NOT_READY when the cluster does not pass in time. */
export async function waitUntilReady(operator: Operator, name: string, waitMs: number): Promise<void> {
  const { health } = await validateCluster(operator, name, { waitMs, intervalMs: 250 });
  if (health.failures.length > 0) throw notReady(name, health);
}

export function notReady(name: string, health: ClusterHealth): KopsError {
  return new KopsError(`cluster ${name} is not ready: ${describe(health)}`, {
    code: 'CLUSTER_NOT_READY',
    exit: 'notReady',
    object: name,
    suggestions: [`kops-ts validate cluster ${name} --wait 10m`],
  });
}
