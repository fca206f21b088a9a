import type { LoadBalancerStatus } from '../../cloud/controllers.ts';
import type { KubeClient } from '../../kube/client.ts';
import { type NodeObject, objectKey, type Service } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import { messageOf } from '../../lib/errors.ts';
import { canonicalJson, deepEqual } from '../../lib/json.ts';
import { stopAll } from '../controllers/controller.ts';
import { loadBalancerNodes } from './load-balancer-nodes.ts';
import type { StartCloudController } from './start-cloud-controllers.ts';

export const loadBalancerFinalizer = 'service.kubernetes.io/load-balancer-cleanup';

/** Gives Services of type LoadBalancer their load balancer in the cloud, and takes it away again. */
export const startServiceController: StartCloudController = (context) => {
  const { client, informers, cloud, clusterName } = context;
  const services = informers.for<Service>(resourceTypes.services);
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const recorder = context.recorder('service-controller');
  /** What each load balancer was last made from: the Service's uid and wishes, and the nodes. */
  const done = new Map<string, { wishes: string; fingerprint: string }>();
  const queue = context.queue('service', reconcile, { firstDelayMs: 1000, longestDelayMs: 300_000 });

  async function reconcile(key: string): Promise<void> {
    const service = services.get(key);
    if (!service) {
      done.delete(key);
      return;
    }
    try {
      if (wantsLoadBalancer(service)) await ensure(key, service);
      else if (service.metadata.finalizers?.includes(loadBalancerFinalizer)) await remove(key, service);
    } catch (error) {
      if (isStatus(error, 'NotFound', 'Conflict')) throw error;
      const what = wantsLoadBalancer(service) ? 'failed to ensure load balancer' : 'failed to delete load balancer';
      recorder.event(service, 'Warning', 'SyncLoadBalancerFailed', `Error syncing load balancer: ${what}: ${messageOf(error)}`);
      throw error;
    }
  }

  async function ensure(key: string, service: Service): Promise<void> {
    const { nodes: hosts, fingerprint } = loadBalancerNodes(nodes);
    const wishes = wishesOf(service);
    const before = done.get(key);
    if (before?.wishes === wishes && before.fingerprint === fingerprint) return;
    if (hosts.length === 0) recorder.event(service, 'Warning', 'UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer');
    if (before?.wishes === wishes) {
      await cloud.loadBalancers.update(clusterName, service, hosts);
      recorder.event(service, 'Normal', 'UpdatedLoadBalancer', 'Updated load balancer with new hosts');
    } else {
      const current = await setFinalizer(service, true);
      recorder.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
      const status = await cloud.loadBalancers.ensure(clusterName, current, hosts);
      await writeStatus(client, current, status);
      recorder.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
      for (const note of status.notes ?? []) recorder.event(service, 'Normal', 'LoadBalancerAddress', note);
    }
    done.set(key, { wishes, fingerprint });
  }

  async function remove(key: string, service: Service): Promise<void> {
    recorder.event(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
    await cloud.loadBalancers.delete(clusterName, service);
    done.delete(key);
    if (service.metadata.deletionTimestamp === undefined) await writeStatus(client, service, { ingress: [] });
    await setFinalizer(service, false);
    recorder.event(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
  }

  async function setFinalizer(service: Service, present: boolean): Promise<Service> {
    const { namespace, name, uid, finalizers = [] } = service.metadata;
    if (finalizers.includes(loadBalancerFinalizer) === present) return service;
    const patch = { metadata: { uid, ...(present ? { finalizers: [loadBalancerFinalizer] } : { '$deleteFromPrimitiveList/finalizers': [loadBalancerFinalizer] }) } };
    return client.patch<Service>(resourceTypes.services, namespace, name, patch, 'application/strategic-merge-patch+json');
  }

  const seen = (service: Service) => {
    if (wantsLoadBalancer(service) || service.metadata.finalizers?.includes(loadBalancerFinalizer)) queue.add(objectKey(service));
  };
  let known = '';
  const nodesChanged = () => {
    const { fingerprint } = loadBalancerNodes(nodes);
    if (fingerprint === known) return;
    known = fingerprint;
    for (const service of services.list()) seen(service);
  };
  return stopAll([
    queue,
    services.handle({ add: seen, update: (_old, service) => seen(service), deleted: (service) => queue.add(objectKey(service)) }),
    nodes.handle({ add: nodesChanged, update: nodesChanged, deleted: nodesChanged }),
  ]);
};

/** A Service with a class of its own is somebody else's. */
function wantsLoadBalancer({ metadata, spec }: Service): boolean {
  return metadata.deletionTimestamp === undefined && spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
}

function wishesOf({ metadata, spec }: Service): string {
  return canonicalJson({ uid: metadata.uid, annotations: metadata.annotations, spec });
}

async function writeStatus(client: KubeClient, service: Service, { ingress }: LoadBalancerStatus): Promise<void> {
  if (deepEqual(service.status?.loadBalancer?.ingress ?? [], ingress)) return;
  const { namespace, name, uid } = service.metadata;
  const patch = { metadata: { uid }, status: { loadBalancer: { ingress: ingress.length > 0 ? ingress : null } } };
  await client.patch(resourceTypes.services, namespace, name, patch, 'application/merge-patch+json', { subresource: 'status' });
}
