import type { ElasticLoadBalancingV2, LoadBalancer, TagDescription, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages, inBatches } from '../api/parallel.ts';
import { changeTags, fromTagList, toTagList } from '../api/tag-list.ts';
import type { Tags } from '../attributes.ts';
import { belongsTo, ifThere } from './adopt.ts';
import type { Inventory } from './inventory.ts';

/** DescribeTags takes 20 resources at most. */
const tagsAtOnce = 20;

export interface Tagged<Item> {
  item: Item;
  tags: Tags;
}

/** The cluster's network load balancers, those of its Services among them: the region's are listed, tags decide. */
export function loadBalancersOf(inventory: Inventory): Promise<Tagged<LoadBalancer>[]> {
  return inventory.once('load balancers', async () => {
    const elb = await inventory.aws.service('elbv2');
    const all = await allPages(async (Marker) => {
      const page = await elb.describeLoadBalancers({ Marker });
      return { items: page.LoadBalancers, next: page.NextMarker };
    });
    return owned(
      inventory,
      all.filter((balancer) => balancer.Type === 'network'),
      (balancer) => balancer.LoadBalancerArn,
    );
  });
}

export function targetGroupsOf(inventory: Inventory): Promise<Tagged<TargetGroup>[]> {
  return inventory.once('target groups', async () => {
    const elb = await inventory.aws.service('elbv2');
    const all = await allPages(async (Marker) => {
      const page = await elb.describeTargetGroups({ Marker });
      return { items: page.TargetGroups, next: page.NextMarker };
    });
    return owned(inventory, all, (group) => group.TargetGroupArn);
  });
}

async function owned<Item>({ aws, clusterName }: Inventory, items: readonly Item[], arnOf: (item: Item) => string | undefined): Promise<Tagged<Item>[]> {
  return (await withTags(aws, items, arnOf)).filter(({ tags }) => belongsTo(tags, clusterName));
}

export async function withTags<Item>(aws: AwsApi, items: readonly Item[], arnOf: (item: Item) => string | undefined): Promise<Tagged<Item>[]> {
  const tags = await tagsByArn(
    aws,
    items.flatMap((item) => arnOf(item) ?? []),
  );
  return items.map((item) => ({ item, tags: tags.get(arnOf(item) ?? '') ?? {} }));
}

/** Of those that are there. */
export async function tagsByArn(aws: AwsApi, arns: readonly string[]): Promise<Map<string, Tags>> {
  const elb = await aws.service('elbv2');
  const descriptions = await inBatches(arns, tagsAtOnce, (batch) => describeTags(elb, batch));
  return new Map(descriptions.map(({ ResourceArn = '', Tags }) => [ResourceArn, fromTagList(Tags)]));
}

/** One that was deleted a moment ago, by whomever, fails the whole batch: the others are asked for one by one. */
async function describeTags(elb: ElasticLoadBalancingV2, ResourceArns: string[]): Promise<TagDescription[]> {
  const answer = await ifThere(elb.describeTags({ ResourceArns }));
  if (answer) return answer.TagDescriptions ?? [];
  return ResourceArns.length === 1 ? [] : inBatches(ResourceArns, 1, (one) => describeTags(elb, one));
}

/** Attributes of load balancers and target groups are lists of keys with texts. */
export function settingsOf(attributes: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Record<string, string> {
  return Object.fromEntries((attributes ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

export function toSettings(values: Readonly<Record<string, string | number | boolean>>): { Key: string; Value: string }[] {
  return Object.entries(values).map(([Key, value]) => ({ Key, Value: String(value) }));
}

export async function changeElbTags(elb: ElasticLoadBalancingV2, { id, attributes }: Pick<ActualResource, 'id' | 'attributes'>, wanted: Tags): Promise<void> {
  const ResourceArns = [id];
  await changeTags(attributes.tags, wanted, {
    set: (tags) => elb.addTags({ ResourceArns, Tags: toTagList(tags) }),
    remove: (TagKeys) => elb.removeTags({ ResourceArns, TagKeys }),
  });
}
