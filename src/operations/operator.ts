import type { ProviderModule } from '../cloud/provider.ts';
import type { Environment } from '../lib/environment.ts';
import type { ApplyEvent } from '../plan/events.ts';
import type { ClusterStore } from '../state/cluster-store.ts';

/** Everything an operation may use: where state lies, which clouds there are, and whom to tell about progress. */
export interface Operator {
  environment: Environment;
  /** Everything of ours on this machine: KOPS_TS_HOME. */
  home: string;
  store: ClusterStore;
  providers: ProviderRegistry;
  /** How long to wait for a cluster that somebody else holds. Default 0. */
  lockTimeoutMs?: number;
  onEvent(event: OperationEvent): void;
}

export interface ProviderRegistry {
  /** Throws UNKNOWN_PROVIDER with the nearest name. */
  load(name: string): Promise<ProviderModule>;
  /** Whose zones these are; throws UNKNOWN_ZONE when nobody's. */
  ofZones(zones: readonly string[]): Promise<string>;
  /** Whose prices to show beside those of a cloud that costs nothing. */
  comparison(): Promise<ProviderModule>;
}

export type OperationEvent =
  /** One resource of a plan. */
  | { type: 'apply'; event: ApplyEvent }
  /** A step that is done, or what is waited for: a sentence. */
  | { type: 'step'; message: string }
  | { type: 'warning'; message: string };
