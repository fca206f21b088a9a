import type { InstancesFacet, ModelInput, Provider } from '../../src/cloud/provider.ts';
import type { CloudApi } from './cloud/api.ts';
import { createControllers } from './controllers.ts';
import { contentHash, modelCluster } from './model/model.ts';
import { resourceKinds, toActual } from './resources.ts';

/** The provider over any way to call the cloud: in this process or through the daemon. */
export function createLocalProvider(api: CloudApi, close: () => Promise<void> = async () => {}): Provider {
  const contents = new Map<string, string>();
  return {
    name: 'local',
    facts: async (clusterName, request) => (request.networkBlock ? { networkBlock: await api.reserveBlock(clusterName, request.networkBlock.prefix) } : {}),
    model: (input: ModelInput) => {
      for (const document of input.documents) contents.set(contentHash(document.content), document.content);
      return modelCluster(input);
    },
    kinds: resourceKinds(api, contents),
    inventory: async (clusterName) => (await api.describe(clusterName)).map(toActual),
    instances: instancesFacet(api),
    controllers: createControllers(api),
    apiEndpoint: async (clusterName) => {
      const endpoint = await api.endpoint(clusterName);
      // The network of a local cluster is this machine's own.
      return endpoint && { ...endpoint, internalUrl: endpoint.url };
    },
    forget: (clusterName) => api.forget(clusterName),
    close,
  };
}

function instancesFacet(api: CloudApi): InstancesFacet {
  return {
    groups: (clusterName) => api.groups(clusterName),
    terminate: (clusterName, instanceId) => api.terminate(clusterName, instanceId),
    detach: (clusterName, instanceId) => api.detach(clusterName, instanceId),
  };
}
