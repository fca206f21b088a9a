import type { Machine } from '../bootstrap/machine.ts';
import type { NodeConfig } from '../bootstrap/node-config.ts';
import { openEtcdStore } from '../control-plane/store/etcd/etcd-store.ts';
import { createMemoryStore } from '../control-plane/store/memory-store.ts';
import type { Store } from '../control-plane/store/store.ts';
import { openWalStore } from '../control-plane/store/wal/wal-store.ts';
import type { Disk } from '../lib/disk.ts';
import { KopsError } from '../lib/errors.ts';
import { etcdKeysetNames } from '../pki/keyset.ts';
import type { Boot } from './boot-node.ts';
import { fetchKeyset } from './fetch-keyset.ts';

type Settings = NonNullable<NodeConfig['controlPlane']>;

/** The store of this control plane: on its volume, alone or as one of several members. */
export async function openStore(boot: Boot, config: NodeConfig, settings: Settings): Promise<Store> {
  const { machine, process } = boot;
  const { clock, log, signal } = machine.environment;
  const { store: engine, storeMembers = 1 } = settings;
  if (engine === 'memory') return createMemoryStore({ clock });
  requireFit(machine, config, engine);
  if (engine === 'etcd') return openEtcd(machine, config, settings);
  const disk = etcdVolume(machine, config);
  if (storeMembers > 1) return process.sharedStore({ members: storeMembers, clock, log }).join(machine.metadata.instanceId, disk, signal);
  return openWalStore({ disk, clock, log });
}

/** The member of this machine, which ends with the store. It answers when a majority of all members runs: however long that takes is waited. */
async function openEtcd(machine: Machine, config: NodeConfig, { etcd }: Settings): Promise<Store> {
  const { clock, log, signal } = machine.environment;
  if (!machine.startEtcd || !etcd) {
    throw new KopsError(`${machine.metadata.instanceId} cannot run etcd`, { code: 'UNSUPPORTED_STORE', exit: 'invalid', object: config.instanceGroup, expected: 'memory or wal' });
  }
  const [peers, clients] = await Promise.all([fetchKeyset(machine, etcdKeysetNames.peers), fetchKeyset(machine, etcdKeysetNames.clients)]);
  const member = await machine.startEtcd(etcd, { peers, clients });
  try {
    const store = await openEtcdStore({ endpoints: member.endpoints, tls: member.tls, clock, log, signal });
    const close = store.close.bind(store);
    store.close = async () => {
      await close();
      await member.stop();
    };
    return store;
  } catch (error) {
    await member.stop();
    throw error;
  }
}

const changes: Record<string, string> = {
  log: 'it holds the log of a control plane of one member, which etcd does not read',
  etcd: 'it holds the data of a member of etcd, which a control plane of one member does not read',
  foreign: 'it holds data of another etcd, as etcd-manager of kops writes it',
};

/** Nothing is begun anew beside what is there: all objects of the cluster would seem to be gone. */
function requireFit({ etcdVolumeHolds: holds = 'nothing', metadata }: Machine, config: NodeConfig, engine: 'wal' | 'etcd'): void {
  if (holds === 'nothing' || holds === (engine === 'wal' ? 'log' : 'etcd')) return;
  throw new KopsError(`the etcd volume of ${metadata.instanceId} is not for a store of type ${engine}: ${changes[holds]}`, {
    code: 'STORE_CHANGED',
    exit: 'conflict',
    object: config.clusterName,
    suggestions: [
      'The number of members cannot change while a cluster runs: put the members of spec.etcdClusters back, update the cluster and replace this instance.',
      'To go from one member to several, make a second cluster with several and move over: kubectl get -o yaml from the one, kubectl apply to the other.',
    ],
  });
}

function etcdVolume(machine: Machine, config: NodeConfig): Disk {
  for (const [name, disk] of machine.volumes) if (name.includes('.etcd-main.')) return disk;
  throw new KopsError(`the etcd volume of ${config.clusterName} is not attached to ${machine.metadata.instanceId}`, {
    code: 'ETCD_VOLUME_MISSING',
    exit: 'cloud',
    object: machine.metadata.instanceId,
    suggestions: ['Run `kops-ts update cluster --yes`: it makes what is missing.'],
  });
}
