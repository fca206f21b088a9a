import type { EC2, Filter, NetworkInterface } from '@aws-sdk/client-ec2';
import { CloudError, isCloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import { type ActualResource, resourceKey } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { inParallel } from '../api/parallel.ts';
import { waitUntil } from '../api/wait-until.ts';
import { ifThere } from './adopt.ts';

/** What keeps a thing from being deleted. */
export interface Blocker {
  /** Id, what it is, whose it is: `eni-1 (of instance i-1, owner 111122223333)` */
  text: string;
  /** It goes by itself: an interface of something that was deleted. */
  leaving: boolean;
}

export type FindBlockers = (aws: AwsApi, options: { abortSignal: AbortSignal }) => Promise<Blocker[]>;

/** How long what goes by itself may take: load balancers let go of their interfaces minutes after they are deleted. */
const leavingLimitMs = 600_000;

/** Deletes what others may still use. It waits for those that go by themselves; for the rest it throws CloudError dependency, whose blockers name them and their owners. */
export async function deleteBlocked(aws: AwsApi, context: OperationContext, actual: ActualResource, find: FindBlockers, remove: (ec2: EC2) => Promise<unknown>): Promise<void> {
  const ec2 = await aws.service('ec2');
  const wait = { operation: `Delete${actual.kind}`, what: `what uses ${actual.id} to go`, everyMs: 5_000, limitMs: leavingLimitMs };
  await waitUntil(aws, context, wait, async (tell) => {
    try {
      await remove(ec2);
      return true;
    } catch (error) {
      if (!isCloudError(error, 'dependency')) throw error;
      const blockers = await find(aws, { abortSignal: context.signal });
      if (blockers.length === 0 || blockers.some(({ leaving }) => !leaving)) throw blocked(actual, blockers, error);
      tell(blockers.map(({ text }) => text).join(', '));
      return undefined;
    }
  });
}

function blocked(actual: ActualResource, found: readonly Blocker[], cause: CloudError): CloudError {
  const blockers = found.filter(({ leaving }) => !leaving).map(({ text }) => text);
  const by = blockers.length > 0 ? `is used by ${blockers.join(', ')}` : `is still in use: ${cause.message}`;
  return new CloudError('dependency', cause.operation, `${resourceKey(actual)} (${actual.id}) ${by}`, {
    object: actual.id,
    blockers,
    suggestions: blockers.length > 0 ? ['Remove what is named there: it is not of this cluster.'] : [],
    cause,
  });
}

/** `filter`: `{ 'subnet-id': 'subnet-1' }` */
export function interfacesWith(filter: Readonly<Record<string, string>>): FindBlockers {
  const Filters: Filter[] = Object.entries(filter).map(([Name, value]) => ({ Name, Values: [value] }));
  return async (aws, options) => {
    const { NetworkInterfaces = [] } = await (await aws.service('ec2')).describeNetworkInterfaces({ Filters }, options);
    const living = await livingBalancers(aws, NetworkInterfaces, options);
    return NetworkInterfaces.map((found) => ({ text: describe(found), leaving: isLeaving(found, living) }));
  };
}

export function allOf(...finders: readonly FindBlockers[]): FindBlockers {
  return async (aws, options) => (await Promise.all(finders.map((find) => find(aws, options)))).flat();
}

function isLeaving(found: NetworkInterface, livingBalancers: ReadonlySet<string>): boolean {
  const { Status, RequesterManaged, Attachment } = found;
  const balancer = balancerOf(found);
  if (balancer !== undefined) return !livingBalancers.has(balancer.path);
  return Status === 'detaching' || Attachment?.Status === 'detaching' || (RequesterManaged === true && Status === 'available');
}

/** `ELB net/api-demo/0123456789abcdef`: the end of the load balancer's ARN. */
function balancerOf({ Description }: NetworkInterface): { name: string; path: string } | undefined {
  const [, path, name] = /^ELB ((?:net|app|gwy)\/([^/]+)\/[^/]+)$/.exec(Description ?? '') ?? [];
  return path === undefined || name === undefined ? undefined : { name, path };
}

/** A load balancer that was deleted holds on to its interfaces for minutes, and nothing of theirs says so: only that it is gone. */
async function livingBalancers(aws: AwsApi, interfaces: readonly NetworkInterface[], options: { abortSignal: AbortSignal }): Promise<Set<string>> {
  const balancers = new Map(interfaces.flatMap((found) => balancerOf(found) ?? []).map(({ path, name }) => [path, name]));
  if (balancers.size === 0) return new Set();
  const elb = await aws.service('elbv2');
  const living = await inParallel([...balancers], async ([path, name]) => {
    const answer = await ifThere(elb.describeLoadBalancers({ Names: [name] }, options));
    return answer?.LoadBalancers?.some(({ LoadBalancerArn }) => LoadBalancerArn?.endsWith(`/${path}`)) ? [path] : [];
  });
  return new Set(living.flat());
}

function describe({ NetworkInterfaceId, Description, Attachment, InterfaceType, OwnerId, RequesterId, TagSet }: NetworkInterface): string {
  const name = TagSet?.find(({ Key }) => Key === 'Name')?.Value;
  const user = Attachment?.InstanceId === undefined ? undefined : `of instance ${Attachment.InstanceId}`;
  const type = InterfaceType === 'interface' ? undefined : InterfaceType;
  return blockerText(NetworkInterfaceId, [name, user, Description, type, `owner ${RequesterId ?? OwnerId ?? 'unknown'}`]);
}

export function blockerText(id: string | undefined, said: readonly (string | undefined)[]): string {
  const words = said.filter((part) => part !== undefined && part !== '');
  return words.length > 0 ? `${id} (${words.join(', ')})` : String(id);
}
