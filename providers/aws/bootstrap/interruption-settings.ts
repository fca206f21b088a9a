import type { InterruptionSettings } from '../../../src/cloud/controllers.ts';
import type { Facts } from '../../../src/cloud/provider.ts';
import { regionOfCluster } from '../../../src/spec/region.ts';
import type { CompletedCluster } from '../../../src/spec/types.ts';
import { clusterSpec, usesTerminationQueue } from '../aws-spec.ts';
import { awsCatalog } from '../catalog.ts';
import { queueName } from '../model/events.ts';

/**
 * The queue by its address: the control plane may read it, but not look for it. Before anybody asked whose account it is, `*` stands for it,
 * as in ARNs.
 */
export function interruptionSettings({ cluster }: CompletedCluster, { account }: Facts): InterruptionSettings | undefined {
  const spec = clusterSpec(cluster);
  if (!usesTerminationQueue(spec)) return undefined;
  const { managedASGTag = '', excludeFromLoadBalancers = true, deleteSQSMsgIfNodeNotFound = false, podTerminationGracePeriod = -1 } = spec.nodeTerminationHandler ?? {};
  const region = regionOfCluster(cluster, awsCatalog);
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const queueUrl = `https://sqs.${region}.${domain}/${account?.id ?? '*'}/${queueName(cluster.metadata.name, 'nth')}`;
  return {
    source: { queueUrl, managedTag: managedASGTag },
    excludeFromLoadBalancers,
    dropIfNodeNotFound: deleteSQSMsgIfNodeNotFound,
    // As kubectl has it: a negative number stands for what the pod asks for.
    ...(podTerminationGracePeriod >= 0 ? { podTerminationGracePeriod } : {}),
  };
}
