import { join } from 'node:path';
import type { ProviderModule } from '../../src/cloud/provider.ts';
import { localSpec } from './spec.ts';

const local: ProviderModule = {
  apiVersion: 1,
  name: 'local',
  catalog: async () => (await import('./catalog.ts')).localCatalog,
  spec: localSpec,
  open: async ({ home, ...environment }) => {
    const [{ DaemonClient }, { daemonPaths }, { createLocalProvider }] = await Promise.all([import('./daemon/client.ts'), import('./daemon/paths.ts'), import('./provider.ts')]);
    const client = new DaemonClient(environment, daemonPaths(home));
    return createLocalProvider(client.cloud(), () => client.close());
  },
  proposeFacts: async (clusterName, request, { home }) => {
    if (!request.networkBlock) return {};
    const [{ proposeBlock }, { createNodeDisk }] = await Promise.all([import('./cloud/propose-block.ts'), import('../../src/lib/node-disk.ts')]);
    return { networkBlock: await proposeBlock(createNodeDisk(join(home, 'local', 'cloud')), clusterName, request.networkBlock.prefix) };
  },
  revive: async (context) => (await import('./daemon/revive.ts')).reviveDaemon(context),
};

export default local;
