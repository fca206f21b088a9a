import type { NodeObject } from '../../../kube/objects.ts';
import { resourceTypes } from '../../../kube/resource-types.ts';
import { isStatus } from '../../../kube/status.ts';
import { type Cidr, cidrContains, cidrSize, formatCidr, parseCidr, subCidr } from '../../../lib/cidr.ts';
import { KopsError } from '../../../lib/errors.ts';
import { stopAll } from '../controller.ts';
import type { StartClusterController } from '../start-controllers.ts';

/** Gives every node a block of the cluster's pod addresses. */
export const startNodeIpamController: StartClusterController = (context) => {
  const { client, informers, cluster } = context;
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const recorder = context.recorder('cidrAllocator');
  const range = podRange(cluster.podCIDR);
  const prefix = cluster.nodePodCIDRPrefix;
  const blocks = prefix < range.prefix ? 0 : cidrSize(range) / 2 ** (32 - prefix);
  /** Node by block number. */
  const taken = new Map<number, string>();

  const occupy = ({ metadata, spec }: NodeObject) => {
    const block = parseCidr(spec.podCIDR ?? '');
    if (block && cidrContains(range, block)) taken.set(Math.floor((block.base - range.base) / 2 ** (32 - prefix)), metadata.name);
  };
  const free = (node: string) => {
    for (const [index, holder] of taken) if (holder === node) taken.delete(index);
  };

  // One at a time: a block is chosen and written before the next node is looked at.
  const queue = context.queue('node-ipam', assign, { concurrency: 1 });
  async function assign(name: string): Promise<void> {
    const node = nodes.get(name);
    if (!node || node.spec.podCIDR) return;
    let index = [...taken].find(([, holder]) => holder === name)?.[0] ?? 0;
    while (taken.has(index) && taken.get(index) !== name) index++;
    if (index >= blocks) {
      recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
      throw new Error(`all ${blocks} blocks of ${cluster.podCIDR} are taken`);
    }
    taken.set(index, name);
    const podCIDR = formatCidr(subCidr(range, prefix, index));
    try {
      await client.patch(
        resourceTypes.nodes,
        undefined,
        name,
        { metadata: { uid: node.metadata.uid }, spec: { podCIDR, podCIDRs: [podCIDR] } },
        'application/strategic-merge-patch+json',
      );
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
      free(name);
    }
  }

  const seen = (node: NodeObject) => {
    occupy(node);
    queue.add(node.metadata.name);
  };
  return stopAll([queue, nodes.handle({ add: seen, update: (old, node) => old.spec.podCIDR !== node.spec.podCIDR && seen(node), deleted: ({ metadata }) => free(metadata.name) })]);
};

function podRange(podCIDR: string): Cidr {
  const range = parseCidr(podCIDR);
  if (!range)
    throw new KopsError(`the cluster's podCIDR "${podCIDR}" is no block of IPv4 addresses`, {
      code: 'POD_CIDR_INVALID',
      exit: 'invalid',
      object: podCIDR,
      expected: 'a block such as 100.96.0.0/11',
    });
  return range;
}
