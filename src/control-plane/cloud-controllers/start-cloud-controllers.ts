import type { CloudControllers, InterruptionSettings } from '../../cloud/controllers.ts';
import { startLeaderElection } from '../../kube/leader-election.ts';
import { type ControllerContext, type ControllerOptions, type Running, runControllers, type StartController } from '../controllers/controller.ts';
import { startCloudNodeController } from './cloud-node-controller.ts';
import { startCloudNodeLifecycleController } from './cloud-node-lifecycle-controller.ts';
import { startInterruptionController } from './interruption-controller.ts';
import { startRouteController } from './route-controller.ts';
import { startServiceController } from './service-controller.ts';

export interface CloudContext extends ControllerContext {
  cloud: CloudControllers;
  clusterName: string;
  interruptions?: InterruptionSettings;
}

export type StartCloudController = StartController<CloudContext>;

export interface StartCloudControllersOptions extends ControllerOptions {
  cloud: CloudControllers;
  clusterName: string;
  interruptions?: InterruptionSettings;
  /** Of the Lease kube-system/cloud-controller-manager; see LeaderElectionOptions. */
  identity: string;
}

const cloudControllers: readonly StartCloudController[] = [
  startCloudNodeController,
  startCloudNodeLifecycleController,
  startServiceController,
  startRouteController,
  startInterruptionController,
];

/** Competes for the Lease and keeps cluster and cloud in step while it holds it. */
export function startCloudControllers(options: StartCloudControllersOptions): Running {
  const { client, environment, identity, cloud, clusterName, interruptions } = options;
  const own = { cloud, clusterName, ...(interruptions ? { interruptions } : {}) };
  const lead = () => runControllers(options, cloudControllers, (context) => ({ ...context, ...own }));
  return startLeaderElection({ client, environment, identity, name: 'cloud-controller-manager', lead });
}
