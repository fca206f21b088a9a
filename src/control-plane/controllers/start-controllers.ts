import { startLeaderElection } from '../../kube/leader-election.ts';
import { type ControllerContext, type ControllerOptions, type Running, runControllers, type StartController } from './controller.ts';
import { clusterControllers } from './registry.ts';

/** What controllers know of the cluster besides its API. */
export interface ClusterFacts {
  /** All pods' addresses: `127.18.0.0/17`. */
  podCIDR: string;
  /** Length of the block each node gets out of it: 24. */
  nodePodCIDRPrefix: number;
  /** The cluster CA's certificate, PEM. */
  rootCa: string;
  /** How long a node may be silent before it counts as lost; 40 s when absent. */
  nodeMonitorGracePeriodMs?: number;
}

export interface ClusterContext extends ControllerContext {
  cluster: ClusterFacts;
}

export type StartClusterController = StartController<ClusterContext>;

export interface StartControllersOptions extends ControllerOptions {
  cluster: ClusterFacts;
  /** Of the Lease kube-system/kube-controller-manager; see LeaderElectionOptions. */
  identity: string;
  /** Default: all of the registry. */
  controllers?: readonly StartClusterController[];
}

/** Competes for the Lease and runs all controllers while it holds it. */
export function startControllers(options: StartControllersOptions): Running {
  const { client, environment, identity, cluster, controllers = Object.values(clusterControllers) } = options;
  const lead = () => runControllers(options, controllers, (context) => ({ ...context, cluster }));
  return startLeaderElection({ client, environment, identity, name: 'kube-controller-manager', lead });
}
