import { join } from 'node:path';
import type { Machine } from '../../bootstrap/machine.ts';
import { parseUserData } from '../../bootstrap/user-data.ts';
import type { InstanceFacet, OwnMetadata } from '../../cloud/instance.ts';
import { createHostFabric, type HostFabric } from '../../fabric/host-fabric.ts';
import type { Disk } from '../../lib/disk.ts';
import type { Environment } from '../../lib/environment.ts';
import { createNodeDisk } from '../../lib/node-disk.ts';
import type { RunCommand } from '../../lib/run-command.ts';
import type { StartProgram } from '../../lib/start-program.ts';
import { bootNode, type RunningNode } from '../boot-node.ts';
import { startEtcd } from '../etcd/start-etcd.ts';
import { whatHolds } from '../etcd/volume-content.ts';
import { mountVolume } from './mount-volume.ts';

export interface RunMachineOptions {
  environment: Environment;
  /** Text of the boot config. */
  bootConfig: string;
  instance: InstanceFacet;
  run: RunCommand;
  start: StartProgram;
  /** Goes before absolute paths of the machine: '' on a real one. */
  root: string;
}

/** Where a machine keeps its node document and its keys. */
const stateFolder = '/var/lib/kops-ts';
/** On the volume of etcd: the log of a control plane of one member. */
const logFolder = 'kops-ts';

/** Boots this machine as what its boot config says it is; resolves when its node runs. */
export async function runMachine(options: RunMachineOptions): Promise<RunningNode> {
  const { environment, bootConfig, instance, run, root } = options;
  const boot = parseUserData(bootConfig);
  const { networkCidrs, ...metadata } = await instance.metadata();
  const fabric = createHostFabric({
    environment,
    blocks: networkCidrs,
    addLocalRoute: async (cidr) => void (await run('ip', ['route', 'replace', 'local', cidr, 'dev', 'lo'])),
  });
  const plain = machineOf(options, { ...metadata, userData: bootConfig }, fabric);
  const machine = boot.role === 'ControlPlane' ? { ...plain, ...(await etcdVolume(options, boot.clusterName, metadata)) } : plain;
  const node = await bootNode(machine, { controllers: instance.controllers, verifyIdentity: instance.verifyIdentity });
  environment.log.info('the node runs', { node: metadata.nodeName, role: boot.role, root });
  return {
    stop: async (how) => {
      await node.stop(how);
      await fabric.close();
    },
  };
}

function machineOf({ environment, instance, root }: RunMachineOptions, metadata: Machine['metadata'], fabric: HostFabric): Machine {
  return {
    environment,
    metadata,
    fabric,
    disk: createNodeDisk(join(root, stateFolder)),
    volumes: new Map(),
    openNetwork: (networking) => fabric.open(networking),
    resolve: (host) => instance.resolve(host),
    fetchDocument: (path) => instance.fetchDocument(path),
    identityToken: (audience) => instance.identityToken(audience),
  };
}

/** What a control plane has besides: its volume, and on it a member of etcd where the cluster has several. */
async function etcdVolume(options: RunMachineOptions, clusterName: string, metadata: Omit<OwnMetadata, 'networkCidrs'>): Promise<Partial<Machine>> {
  const { instance, run, root } = options;
  const { name, member, device } = await instance.attachEtcdVolume('main');
  const mountPoint = join(root, '/mnt', name);
  await mountVolume(device, mountPoint, run);
  const log: Disk = createNodeDisk(join(mountPoint, logFolder));
  return {
    volumes: new Map([[name, log]]),
    etcdVolumeHolds: await whatHolds(mountPoint, logFolder, clusterName),
    startEtcd: (etcd, keysets) => startEtcd({ ...options, clusterName, metadata, volume: { member, mountPoint }, stateFolder }, etcd, keysets),
  };
}
