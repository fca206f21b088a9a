import type { InstanceMetadata } from '../../cloud/controllers.ts';
import type { NodeObject } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { isStatus } from '../../kube/status.ts';
import { deepEqual } from '../../lib/json.ts';
import { stopAll } from '../controllers/controller.ts';
import type { StartCloudController } from './start-cloud-controllers.ts';

export const uninitializedTaint = 'node.cloudprovider.kubernetes.io/uninitialized';

/** Tells new nodes what the cloud knows of them: provider id, type, zone, addresses; then they may take pods. */
export const startCloudNodeController: StartCloudController = (context) => {
  const { client, informers, cloud, clusterName } = context;
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const recorder = context.recorder('cloud-node-controller');
  const queue = context.queue('cloud-node', initialize, { firstDelayMs: 250 });

  async function initialize(name: string): Promise<void> {
    const node = nodes.get(name);
    if (!node || !isUninitialized(node)) return;
    const metadata = await cloud.instances.metadata(clusterName, node);
    try {
      const addresses = addressesOf(node, metadata);
      const patch = { metadata: { uid: node.metadata.uid }, status: { addresses } };
      const current = await client.patch<NodeObject>(resourceTypes.nodes, undefined, name, patch, 'application/merge-patch+json', { subresource: 'status' });
      await client.patch(resourceTypes.nodes, undefined, name, initialized(current, metadata), 'application/merge-patch+json');
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
      return;
    }
    recorder.event(node, 'Normal', 'Synced', 'Node synced successfully');
  }

  const seen = (node: NodeObject) => isUninitialized(node) && queue.add(node.metadata.name);
  return stopAll([queue, nodes.handle({ add: seen, update: (old, node) => !deepEqual(old.spec, node.spec) && seen(node) })]);
};

function isUninitialized({ spec }: NodeObject): boolean {
  return spec.taints?.some(({ key }) => key === uninitializedTaint) ?? false;
}

/** Taints are replaced as a whole: a clash with another writer of the node is found by the version. */
function initialized({ metadata, spec }: NodeObject, { providerId, instanceType, zone, region }: InstanceMetadata): object {
  const taints = spec.taints?.filter(({ key }) => key !== uninitializedTaint) ?? [];
  return {
    metadata: {
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      labels: {
        'node.kubernetes.io/instance-type': instanceType,
        'beta.kubernetes.io/instance-type': instanceType,
        'topology.kubernetes.io/zone': zone,
        'topology.kubernetes.io/region': region,
        'failure-domain.beta.kubernetes.io/zone': zone,
        'failure-domain.beta.kubernetes.io/region': region,
      },
    },
    spec: { ...(spec.providerID ? {} : { providerID: providerId }), taints: taints.length > 0 ? taints : null },
  };
}

/** The cloud's, and the host name the kubelet gave when the cloud has none. */
function addressesOf({ status }: NodeObject, { addresses }: InstanceMetadata): { type: string; address: string }[] {
  const hostname = status?.addresses?.filter(({ type }) => type === 'Hostname') ?? [];
  return addresses.some(({ type }) => type === 'Hostname') ? addresses : [...addresses, ...hostname];
}
