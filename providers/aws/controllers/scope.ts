import type { Service } from '../../../src/kube/objects.ts';
import type { AwsApi } from '../api/clients.ts';

/** What every step for one Service's load balancer works with. */
export interface BalancerScope {
  aws: AwsApi;
  /** Aborts long waits. */
  signal: AbortSignal;
  clusterName: string;
  service: Service;
  /** Name of the load balancer, and of its own security group. */
  name: string;
  groupName: string;
}
