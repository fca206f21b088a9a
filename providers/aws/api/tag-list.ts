import type { Tags } from '../attributes.ts';

type TagList = readonly { Key?: string | undefined; Value?: string | undefined }[];

/** As the model writes tags. Those that AWS keeps for itself (`aws:…`) are nobody's to compare. */
export function fromTagList(tags: TagList | undefined): Tags {
  const own = (tags ?? []).flatMap(({ Key, Value }) => (Key === undefined || Key.startsWith('aws:') ? [] : [[Key, Value ?? ''] as const]));
  return Object.fromEntries(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function toTagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags that nobody but kops-ts sets. Any other that is too much is somebody else's: an organisation's, another cluster's, another tool's. */
const ours =
  /^((Name|KubernetesCluster|SubnetType)$|kubernetes\.io\/(role|kops)\/|k8s\.io\/(role|etcd|cluster-autoscaler\/node-template)\/|kops\.k8s\.io\/|aws-node-termination-handler\/)/;

export interface TagCalls {
  set(tags: Tags): Promise<unknown>;
  remove(keys: string[]): Promise<unknown>;
}

/** Makes the calls of a service, if there is anything to do, so that `actual` becomes `wanted`. What others put there stays. */
export async function changeTags(actual: unknown, wanted: Tags, calls: TagCalls): Promise<void> {
  const { set, removed } = tagChanges((actual ?? {}) as Tags, wanted);
  if (Object.keys(set).length > 0) await calls.set(set);
  if (removed.length > 0) await calls.remove(removed);
}

/** What to set and what to remove so that `actual` becomes `wanted`. What others put there stays. */
export function tagChanges(actual: Tags, wanted: Tags): { set: Tags; removed: string[] } {
  const set = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => actual[key] !== value));
  return { set, removed: Object.keys(actual).filter((key) => !(key in wanted) && ours.test(key)) };
}
