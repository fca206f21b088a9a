import type { Service } from '../../../src/kube/objects.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import type { AwsApi } from '../api/clients.ts';

/** What every step for one Service's load balancer works with. */
export interface BalancerScope {
  aws: AwsApi;
  clock: Clock;
  /** Aborts long waits. */
  signal: AbortSignal;
  clusterName: string;
  service: Service;
  /** Name of the load balancer, and of its own security group. */
  name: string;
  groupName: string;
}
