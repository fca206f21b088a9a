import { join } from 'node:path';
import type { EtcdMember } from '../../bootstrap/machine.ts';
import type { EtcdConfig } from '../../bootstrap/node-config.ts';
import type { InstanceFacet } from '../../cloud/instance.ts';
import type { Environment } from '../../lib/environment.ts';
import { KopsError } from '../../lib/errors.ts';
import { createNodeDisk } from '../../lib/node-disk.ts';
import type { RunCommand } from '../../lib/run-command.ts';
import type { StartProgram } from '../../lib/start-program.ts';
import { type EtcdKeysets, issueEtcdCertificates } from './etcd-certificates.ts';
import { clientUrl, dataFolder, etcdFlags } from './etcd-flags.ts';
import { installEtcd } from './install-etcd.ts';
import { followMembers, hostsFile } from './member-hosts.ts';
import { initialState } from './rejoin.ts';
import { supervise } from './supervise.ts';

/** What a member needs of its machine. */
export interface EtcdHost {
  environment: Environment;
  clusterName: string;
  instance: Pick<InstanceFacet, 'etcdPeers' | 'fetchObject'>;
  metadata: { privateIp: string; architecture: 'amd64' | 'arm64' };
  /** Whose volume this machine has, and where it is mounted. */
  volume: { member: string; mountPoint: string };
  run: RunCommand;
  start: StartProgram;
  /** Goes before absolute paths of the machine. */
  root: string;
  /** Where the machine keeps what is its own. */
  stateFolder: string;
}

/**
 * Runs the member of etcd whose volume this machine has. The cluster forms at the first boot, of all members that the spec names; after that a
 * member goes on with what is on its disk, wherever it runs. Throws ETCD_MEMBER_UNKNOWN and what installing throws.
 */
export async function startEtcd(host: EtcdHost, etcd: EtcdConfig, keysets: EtcdKeysets): Promise<EtcdMember> {
  const { environment, clusterName, instance, metadata, volume, root } = host;
  const { member, mountPoint } = volume;
  if (!etcd.members.includes(member)) throw unknownMember(member, etcd);
  const self = { clusterName, member, ip: metadata.privateIp };
  const certificates = { disk: createNodeDisk(join(root, host.stateFolder)), folder: 'etcd-main' };
  const install = { environment, run: host.run, root, architecture: metadata.architecture, fetchObject: (url: string) => instance.fetchObject(url) };
  const [program, tls] = await Promise.all([installEtcd(install, etcd), issueEtcdCertificates(self, keysets, certificates, environment)]);
  const hosts = await followMembers({
    environment,
    clusterName,
    members: etcd.members,
    self,
    peers: () => instance.etcdPeers('main'),
    everyMs: etcd.discoveryMs,
    file: hostsFile(root),
  });
  const place = { ...self, volume: mountPoint, certificates: join(root, host.stateFolder, certificates.folder) };
  const data = createNodeDisk(dataFolder(mountPoint, clusterName));
  // Nothing of this process' environment: a proxy is not for members, and etcd takes flags from there as well.
  const variables = { PATH: environment.variables.PATH ?? '' };
  const running = supervise(environment, 'etcd', async (onLine) => {
    const hasData = (await data.list('member/wal')).length > 0;
    const state = hasData ? 'new' : await initialState({ environment, clusterName, member, peers: await instance.etcdPeers('main'), tls });
    return host.start(program, etcdFlags(place, etcd, state), { variables, onLine });
  });
  return {
    endpoints: [clientUrl(metadata.privateIp)],
    tls,
    stop: async () => {
      await running.stop();
      await hosts.stop();
    },
  };
}

function unknownMember(member: string, { members }: EtcdConfig): KopsError {
  return new KopsError(`this machine has the volume of the etcd member ${member}, which is not one of this cluster's: ${members.join(', ')}`, {
    code: 'ETCD_MEMBER_UNKNOWN',
    exit: 'conflict',
    object: member,
    suggestions: ['Members cannot be added to a cluster that runs, or taken from it: put the members of spec.etcdClusters back, then replace this instance.'],
  });
}
