import type { CloudSettings } from '../../providers/local/cloud/local-cloud.ts';
import type { BootNode, RunningNode } from '../../providers/local/machine/shared.ts';
import { type OpenedLocalCloud, openLocalCloud } from '../../providers/local/open-local-cloud.ts';
import type { Machine } from '../../src/bootstrap/machine.ts';
import type { ModelInput } from '../../src/cloud/provider.ts';
import { createMemoryFabric } from '../../src/fabric/memory-fabric.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { Disk } from '../../src/lib/disk.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { silentLog } from '../../src/lib/log.ts';
import { createMemoryDisk } from '../../src/lib/memory-disk.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import type { CompletedCluster, InstanceGroup } from '../../src/spec/types.ts';

/** Disks by path that outlive the clouds opened over them, as a home does. */
export class MemoryHome {
  readonly disks = new Map<string, Disk>();

  readonly openDisk = (path: string): Disk => {
    const disk = this.disks.get(path) ?? createMemoryDisk();
    this.disks.set(path, disk);
    return disk;
  };

  readonly removeDisk = async (path: string): Promise<void> => void this.disks.delete(path);
}

export interface FakeNode extends RunningNode {
  machine: Machine;
  stopped?: 'graceful' | 'hard';
}

/** Nodes that do nothing but remember what happened to them. Control planes answer on port 443 of their address, all on 30080. */
export function fakeNodes(): { boot: BootNode; nodes: FakeNode[] } {
  const nodes: FakeNode[] = [];
  const boot: BootNode = async (machine) => {
    const listeners = await Promise.all(
      [443, 30080].map((port) =>
        machine.fabric.listen({ type: 'node', name: machine.metadata.nodeName }, machine.metadata.privateIp, port, ({ stream }) => stream.end(machine.metadata.nodeName)),
      ),
    );
    const node: FakeNode = {
      machine,
      stop: async ({ graceful }) => {
        node.stopped = graceful ? 'graceful' : 'hard';
        await Promise.all(listeners.map((listener) => listener.close()));
      },
    };
    nodes.push(node);
    return node;
  };
  return { boot, nodes };
}

export function virtualEnvironment(seed = 1): Environment & { clock: VirtualClock } {
  return { clock: new VirtualClock(), random: new SeededRandom(seed), log: silentLog, signal: new AbortController().signal, variables: {} };
}

export function openCloud(
  options: { home?: Pick<MemoryHome, 'openDisk' | 'removeDisk'>; environment?: Environment; boot?: BootNode; settings?: Partial<CloudSettings> } = {},
): Promise<OpenedLocalCloud> {
  const home = options.home ?? new MemoryHome();
  return openLocalCloud({
    environment: options.environment ?? virtualEnvironment(),
    openDisk: home.openDisk,
    removeDisk: home.removeDisk,
    createFabric: (environment, blocks) => createMemoryFabric({ environment, blocks }),
    bootNode: options.boot ?? fakeNodes().boot,
    ...(options.settings ? { settings: options.settings } : {}),
  });
}

export const clusterName = 'demo.k8s.local';

/** One control plane and a group of `nodes` workers in two zones. */
export function modelInput(nodes = 2, name = clusterName, block = '127.16'): ModelInput {
  const completed: CompletedCluster = {
    cluster: {
      apiVersion: 'kops.k8s.io/v1alpha2',
      kind: 'Cluster',
      metadata: { name },
      spec: {
        networkCIDR: `${block}.0.0/18`,
        serviceClusterIPRange: `${block}.64.0/18`,
        podCIDR: `${block}.128.0/17`,
        subnets: ['a', 'b'].map((letter, i) => ({ name: `local-1${letter}`, zone: `local-1${letter}`, type: 'Public', cidr: `${block}.${i * 8}.0/21` })),
        sshAccess: ['0.0.0.0/0'],
        kubernetesApiAccess: ['0.0.0.0/0'],
        etcdClusters: ['main', 'events'].map((etcd) => ({ name: etcd, etcdMembers: [{ name: 'a', instanceGroup: 'control-plane-local-1a', volumeSize: 20, volumeType: 'gp3' }] })),
      },
    },
    instanceGroups: [group('control-plane-local-1a', 'Master', 1, ['local-1a']), group('nodes', 'Node', nodes, ['local-1a', 'local-1b'])],
    provenance: { cluster: {}, instanceGroups: {} },
  };
  return {
    completed,
    userData: { 'control-plane-local-1a': 'boot control plane', nodes: 'boot node' },
    documents: [
      { path: 'igconfig/node/nodes/nodeupconfig.yaml', content: 'role: Node\n', roles: ['ControlPlane', 'Node'], secret: false },
      { path: 'pki/kubernetes-ca.yaml', content: 'key: private\n', roles: ['ControlPlane'], secret: true },
    ],
    facts: {},
    sshPublicKeys: [],
  };
}

function group(name: string, role: 'Master' | 'Node', size: number, subnets: string[]): InstanceGroup {
  return {
    apiVersion: 'kops.k8s.io/v1alpha2',
    kind: 'InstanceGroup',
    metadata: { name },
    spec: { role, minSize: size, maxSize: size + 2, machineType: 't3.medium', image: 'simulated', subnets, rootVolumeSize: 64, rootVolumeType: 'gp3', associatePublicIp: true },
  };
}
