// One control plane machine of a cluster that lives in a folder: volumes with their holders, documents, an address for each instance.
// usage: node --import tsx etcd-machine.ts CLOUD_FOLDER INSTANCE

import { mkdirSync, readFileSync, rmdirSync, symlinkSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { createProcessEnvironment } from '../../src/cli/process-environment.ts';
import type { InstanceFacet } from '../../src/cloud/instance.ts';
import type { ProviderModule } from '../../src/cloud/provider.ts';
import { type RunCommand, runCommand } from '../../src/lib/run-command.ts';
import { startProgram } from '../../src/lib/start-program.ts';
import type { CloudFile } from './etcd-cloud.ts';

const [folder = '', instanceId = ''] = process.argv.slice(2);
const root = join(folder, 'machines', instanceId);
const cloud = (): CloudFile => JSON.parse(readFileSync(join(folder, 'cloud.json'), 'utf8'));
const document = async (path: string) => readFileSync(join(folder, 'documents', path));
const { clusterName, network, instances } = cloud();
const { ip: privateIp, zone } = instances[instanceId] ?? { ip: '', zone: '' };

const facet: Omit<InstanceFacet, 'controllers'> = {
  metadata: async () => ({
    instanceId,
    providerId: `test:///${zone}/${instanceId}`,
    nodeName: `${instanceId}.internal`,
    machineType: 't3.medium',
    vcpus: cpus().length,
    memoryGib: totalmem() / 2 ** 30,
    architecture: 'amd64',
    zone,
    region: 'test-1',
    privateIp,
    networkCidrs: [network],
  }),
  attachEtcdVolume: async () => {
    const [member = ''] = Object.entries(cloud().volumes).find(([, { holder }]) => holder === instanceId) ?? [];
    return { name: `${member}.etcd-main.${clusterName}`, member, device: join(folder, 'volumes', member, 'device') };
  },
  etcdPeers: async () => {
    const now = cloud();
    return Object.entries(now.volumes).map(([member, { holder }]) => {
      const address = now.instances[holder ?? '']?.ip;
      return { member, ...(address === undefined ? {} : { address }) };
    });
  },
  resolve: async () => privateIp,
  fetchDocument: document,
  fetchObject: (url) => document(url.replace('s3://documents/', '')),
  identityToken: async () => '',
  verifyIdentity: async () => Promise.reject(new Error('nobody joins')),
  close: async () => {},
};

/** A mounted volume is a link to its folder. */
const run: RunCommand = async (command, args) => {
  if (command === 'tar') return runCommand(command, args);
  if (command === 'findmnt') throw new Error('not mounted');
  const [device = '', mountPoint = ''] = args.slice(-2);
  if (command === 'mount') {
    rmdirSync(mountPoint);
    symlinkSync(join(dirname(device), 'files'), mountPoint);
  }
  return '';
};

// As it is built: a machine that compiles what it runs takes three times as long to start.
const built = new URL('../../dist/src/nodeup/machine/nodeup.js', import.meta.url).href;
const { nodeup }: typeof import('../../src/nodeup/machine/nodeup.ts') = await import(built);

mkdirSync(join(root, 'etc'), { recursive: true });
const module = { openInstance: async () => facet } as unknown as ProviderModule;
await nodeup({
  environment: createProcessEnvironment('nodeup'),
  bootConfig: readFileSync(join(folder, 'documents/boot.yaml'), 'utf8'),
  loadProvider: async () => module,
  run,
  start: startProgram,
  root,
});
