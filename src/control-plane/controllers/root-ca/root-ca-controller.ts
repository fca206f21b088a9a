import type { ConfigMap, Namespace } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import { deepEqual } from '../../../lib/json.ts';
import { stopAll } from '../controller.ts';
import type { StartClusterController } from '../start-controllers.ts';

const name = 'kube-root-ca.crt';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Publishes the cluster's CA in every namespace; pods get it with their token. */
export const startRootCaController: StartClusterController = (context) => {
  const { client, informers, cluster } = context;
  const namespaces = informers.for<Namespace>(resourceTypes.namespaces);
  const configMaps = informers.for<ConfigMap>(resourceTypes.configMaps);
  const data = { 'ca.crt': cluster.rootCa };
  const queue = context.queue('root-ca', async (namespace) => {
    const object = namespaces.get(namespace);
    if (!object || object.metadata.deletionTimestamp !== undefined) return;
    const current = configMaps.get(`${namespace}/${name}`);
    if (current && deepEqual(current.data, data)) return;
    const annotations = { 'kubernetes.io/description': description };
    try {
      if (current)
        await client.update(resourceTypes.configMaps, { ...current, metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, ...annotations } }, data });
      else await client.create<ConfigMap>(resourceTypes.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, annotations }, data });
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists', 'NotFound', 'Forbidden')) throw error;
    }
  });
  const changed = ({ metadata }: ConfigMap) => metadata.name === name && queue.add(metadata.namespace ?? '');
  return stopAll([
    queue,
    namespaces.handle({ add: ({ metadata }) => queue.add(metadata.name), update: (_old, { metadata }) => queue.add(metadata.name) }),
    configMaps.handle({ update: (_old, map) => changed(map), deleted: changed }),
  ]);
};
