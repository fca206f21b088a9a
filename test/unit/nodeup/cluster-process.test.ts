import { expect, it } from 'vitest';
import { createApiServer } from '../../../src/control-plane/apiserver/apiserver.ts';
import { createMemoryStore } from '../../../src/control-plane/store/memory-store.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { clusterProcess } from '../../../src/nodeup/cluster-process.ts';
import { virtualEnvironment } from '../../contract/local-cloud-harness.ts';

const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

it('lists wait for a control plane, everything else is told that there is none', async () => {
  const environment = virtualEnvironment();
  const store = createMemoryStore({ clock: environment.clock });
  const api = await createApiServer({ store, environment, kubernetesVersion: 'v1.36.0', serviceClusterIPRange: '10.96.0.0/16' });
  await api.client(admin).create(resourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  const process = clusterProcess({});
  const client = process.client(admin);
  let listed = false;
  const list = client.list(resourceTypes.namespaces).then((result) => {
    listed = true;
    return result;
  });
  await expect(client.get(resourceTypes.namespaces, undefined, 'default')).rejects.toThrow('no control plane of the cluster runs');
  await expect(client.delete(resourceTypes.namespaces, undefined, 'default')).rejects.toThrow('no control plane of the cluster runs');
  expect(listed).toBe(false);
  const end = process.serve({ handler: api.handler, address: { ip: '10.1.0.1', port: 443 }, publish: () => {} });
  expect((await list).items.map((item) => item.metadata.name)).toContain('default');
  end();
  const stop = new AbortController();
  const waiting = process.served(stop.signal);
  stop.abort(new Error('the machine stops'));
  await expect(waiting).rejects.toThrow('the machine stops');
  await api.stop();
  await store.close();
});
