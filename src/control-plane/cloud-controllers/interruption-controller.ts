import type { Interruption, InterruptionSettings } from '../../cloud/controllers.ts';
import type { NodeObject, Pod } from '../../kube/objects.ts';
import { resourceTypes } from '../../kube/resource-types.ts';
import { messageOf } from '../../lib/errors.ts';
import { drainNode } from './drain-node.ts';
import { excludeLabel } from './load-balancer-nodes.ts';
import type { CloudContext, StartCloudController } from './start-cloud-controllers.ts';

const component = 'node-termination-handler';

/** As long as a spot instance has left; kops gives as much. */
const drainTimeoutMs = 120_000;

/** Empties nodes whose instance will end, as far as the cloud announces it. */
export const startInterruptionController: StartCloudController = (context) => {
  const { cloud, clusterName, environment, informers, interruptions: settings } = context;
  const { log } = environment;
  const source = cloud.interruptions;
  if (!source || !settings) return { stop: async () => {} };
  informers.for<Pod>(resourceTypes.pods).addIndex('node', ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  informers.for<NodeObject>(resourceTypes.nodes);
  const ending = new AbortController();
  const { signal } = ending;
  const handle = handler(context, settings, signal);
  let following = Promise.resolve();
  // A node that is not known yet would be taken for none.
  informers.synced().then(
    () => {
      if (!signal.aborted) following = source.follow(clusterName, settings.source, { handle, log, signal });
    },
    (error: unknown) => log.error('nobody drains nodes whose instance will end', { error }),
  );
  return {
    stop: async () => {
      ending.abort();
      await following;
    },
  };
};

function handler(context: CloudContext, settings: InterruptionSettings, signal: AbortSignal): (interruption: Interruption) => Promise<void> {
  const { client, environment, informers } = context;
  const nodes = informers.for<NodeObject>(resourceTypes.nodes);
  const pods = informers.for<Pod>(resourceTypes.pods);
  const recorder = context.recorder(component);
  const { podTerminationGracePeriod: gracePeriodSeconds } = settings;
  const options = { client, pods, clock: environment.clock, timeoutMs: drainTimeoutMs, signal, ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) };

  async function cordon({ metadata }: NodeObject): Promise<void> {
    const labels = settings.excludeFromLoadBalancers && metadata.labels?.[excludeLabel] === undefined ? { [excludeLabel]: component } : {};
    const patch = { metadata: { uid: metadata.uid, labels }, spec: { unschedulable: true } };
    await client.patch(resourceTypes.nodes, undefined, metadata.name, patch, 'application/merge-patch+json');
  }

  return async ({ providerId, reason, message }) => {
    const node = nodes.list().find(({ spec }) => spec.providerID === providerId);
    if (!node) {
      if (settings.dropIfNodeNotFound) return;
      throw new Error(`${providerId} is no node of the cluster`);
    }
    recorder.event(node, 'Normal', reason, message);
    try {
      await cordon(node);
      await drainNode(node.metadata.name, options);
      recorder.event(node, 'Normal', 'CordonAndDrain', 'Node successfully cordoned and drained');
    } catch (error) {
      if (!signal.aborted) recorder.event(node, 'Warning', 'CordonAndDrainError', `There was a problem while trying to cordon and drain the node: ${messageOf(error)}`);
      throw error;
    }
  };
}
