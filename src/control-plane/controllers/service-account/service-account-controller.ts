import type { KubeObject, Namespace } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import { type StartController, stopAll } from '../controller.ts';

const name = 'default';

/** Every namespace has a service account `default`. */
export const startServiceAccountController: StartController = (context) => {
  const { client, informers } = context;
  const namespaces = informers.for<Namespace>(resourceTypes.namespaces);
  const accounts = informers.for<KubeObject>(resourceTypes.serviceAccounts);
  const queue = context.queue('serviceaccount', async (namespace) => {
    const object = namespaces.get(namespace);
    if (!object || object.metadata.deletionTimestamp !== undefined || accounts.get(`${namespace}/${name}`)) return;
    try {
      await client.create(resourceTypes.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists', 'NotFound', 'Forbidden')) throw error;
    }
  });
  return stopAll([
    queue,
    namespaces.handle({ add: ({ metadata }) => queue.add(metadata.name), update: (_old, { metadata }) => queue.add(metadata.name) }),
    accounts.handle({ deleted: ({ metadata }) => metadata.name === name && queue.add(metadata.namespace ?? '') }),
  ]);
};
