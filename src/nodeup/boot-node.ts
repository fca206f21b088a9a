import type { IdentityVerifier, Machine } from '../bootstrap/machine.ts';
import type { BootConfig } from '../bootstrap/node-config.ts';
import { parseUserData } from '../bootstrap/user-data.ts';
import type { CloudControllers } from '../cloud/controllers.ts';
import { bootControlPlane } from './boot-control-plane.ts';
import { type ClusterProcess, clusterProcess } from './cluster-process.ts';
import { startNode } from './start-node.ts';
import { workerCredentials } from './worker-credentials.ts';

/** What the cloud offers the software on an instance, besides the machine. */
export interface NodeCloud {
  controllers: CloudControllers;
  verifyIdentity: IdentityVerifier;
  /** The same object for every node of a cluster in this process. */
  shared: object;
}

export interface RunningNode {
  /** `graceful`: says goodbye (its node turns NotReady) and closes its files; otherwise the power goes. */
  stop(options: { graceful: boolean }): Promise<void>;
}

/** What one boot works with. */
export interface Boot {
  machine: Machine;
  cloud: NodeCloud;
  config: BootConfig;
  process: ClusterProcess;
}

/** Starts what a node of the machine's role runs; resolves when it does. The same on every provider. */
export async function bootNode(machine: Machine, cloud: NodeCloud): Promise<RunningNode> {
  const config = parseUserData(machine.metadata.userData);
  const boot: Boot = { machine, cloud, config, process: clusterProcess(cloud.shared) };
  return config.role === 'ControlPlane' ? bootControlPlaneNode(boot) : bootWorkerNode(boot);
}

async function bootControlPlaneNode(boot: Boot): Promise<RunningNode> {
  const controlPlane = await bootControlPlane(boot);
  const node = await startNode(boot, controlPlane.config);
  return {
    stop: async (options) => {
      await node.stop(options);
      await controlPlane.stop();
    },
  };
}

async function bootWorkerNode(boot: Boot): Promise<RunningNode> {
  await boot.process.served(boot.machine.environment.signal);
  const { nodeConfig } = await workerCredentials(boot.machine, boot.config);
  return startNode(boot, nodeConfig);
}
