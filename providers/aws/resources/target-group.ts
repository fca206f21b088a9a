import type { ElasticLoadBalancingV2, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { inParallel } from '../api/parallel.ts';
import { toTagList } from '../api/tag-list.ts';
import type { Tags } from '../attributes.ts';
import { clusterTag } from '../model/tags.ts';
import { belongsTo, createOrAdopt, ifThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { type Blocker, blockerText, deleteBlocked } from './blockers.ts';
import { changeElbTags, settingsOf, type Tagged, targetGroupsOf, toSettings, withTags } from './load-balancer-lists.ts';
import { found, mentioning } from './ownership.ts';
import { nameAskedFor, possibleNames, underItsName } from './target-group-names.ts';

type GroupAttributes = WantedResource<'TargetGroup'>['attributes'];

const inPlace = ['healthCheck', 'deregistrationDelaySeconds', 'connectionTermination', 'preserveClientIp', 'tags'];
const samePort = 'traffic-port';

export const targetGroup: AwsKind<'TargetGroup'> = {
  kind: 'TargetGroup',

  list: async (inventory) => {
    const elb = await inventory.aws.service('elbv2');
    const groups = await inParallel(await targetGroupsOf(inventory), (group) => ifThere(describe(elb, group)));
    return groups.filter((group) => group !== undefined);
  },

  create: (aws, resource, context) => {
    const { attributes } = resource;
    return createOrAdopt(targetGroup, aws, resource, context, {
      make: async () => {
        const once = await aws.once('elbv2');
        const { TargetGroups: [made] = [] } = await underItsName(attributes.targetGroupName, (Name) =>
          once.createTargetGroup({
            Name,
            VpcId: attributes.vpcId,
            Port: attributes.port,
            Protocol: attributes.protocol,
            TargetType: 'instance',
            ...healthCheck(attributes),
            Tags: toTagList(attributes.tags),
          }),
        );
        const elb = await aws.service('elbv2');
        if (made) await elb.modifyTargetGroupAttributes({ TargetGroupArn: made.TargetGroupArn, Attributes: settings(attributes) });
      },
      find: () => findGroup(aws, attributes.targetGroupName),
      lookFirst: true,
    });
  },

  update: async (aws, actual, { attributes }, changes) => {
    const elb = await aws.service('elbv2');
    const TargetGroupArn = actual.id;
    if (changes.includes('healthCheck')) await elb.modifyTargetGroup({ TargetGroupArn, ...healthCheck(attributes) });
    if (changes.some((field) => field !== 'healthCheck' && field !== 'tags')) await elb.modifyTargetGroupAttributes({ TargetGroupArn, Attributes: settings(attributes) });
    await changeElbTags(elb, actual, attributes.tags);
    return { ...actual, attributes: { ...actual.attributes, ...attributes } };
  },

  delete: async (aws, actual, context) => {
    const elb = await aws.service('elbv2');
    const remove = () => ifThere(elb.deleteTargetGroup({ TargetGroupArn: actual.id }));
    await deleteBlocked(aws, context, actual, () => balancersBefore(aws, actual), remove);
  },

  effect: (changes) => (changes.every((field) => inPlace.includes(field)) ? 'update' : 'replace'),

  deleteAfter: (actual, all) => mentioning(actual.id, all, ['NetworkLoadBalancerListener', 'AutoscalingGroup']),
};

function healthCheck({ healthCheck: check }: GroupAttributes) {
  return {
    HealthCheckProtocol: check.protocol as 'TCP',
    HealthCheckPort: check.port ?? samePort,
    ...(check.path === undefined ? {} : { HealthCheckPath: check.path }),
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthyThresholdCount: check.healthyThresholdCount,
    UnhealthyThresholdCount: check.unhealthyThresholdCount,
  };
}

function settings({ deregistrationDelaySeconds, connectionTermination, preserveClientIp }: GroupAttributes): { Key: string; Value: string }[] {
  return toSettings({
    'deregistration_delay.timeout_seconds': deregistrationDelaySeconds,
    'deregistration_delay.connection_termination.enabled': connectionTermination,
    ...(preserveClientIp === undefined ? {} : { 'preserve_client_ip.enabled': preserveClientIp }),
  });
}

/** Load balancers that send to it. Those of the cluster, and those that are deleted, let go of it in a moment. */
async function balancersBefore(aws: AwsApi, { id, attributes }: ActualResource): Promise<Blocker[]> {
  const elb = await aws.service('elbv2');
  const answer = await ifThere(elb.describeTargetGroups({ TargetGroupArns: [id] }));
  const arns = answer?.TargetGroups?.[0]?.LoadBalancerArns ?? [];
  const cluster = (attributes.tags as Tags)[clusterTag] ?? '';
  const found = await withTags(aws, arns, (arn) => arn);
  return found.map(({ item: arn, tags }) => ({
    text: blockerText(arn, ['load balancer', `owner ${tags[clusterTag] ?? 'unknown'}`]),
    leaving: belongsTo(tags, cluster),
  }));
}

async function findGroup(aws: AwsApi, name: string): Promise<ActualResource | undefined> {
  const elb = await aws.service('elbv2');
  const pages = await inParallel(possibleNames(name), (Name) => ifThere(elb.describeTargetGroups({ Names: [Name] })));
  const groups = pages.flatMap((page) => page?.TargetGroups ?? []);
  const [group] = await withTags(aws, groups, (item) => item.TargetGroupArn);
  return group && ifThere(describe(elb, group));
}

async function describe(elb: ElasticLoadBalancingV2, { item, tags }: Tagged<TargetGroup>): Promise<ActualResource> {
  const { TargetGroupArn: arn = '' } = item;
  const targetGroupName = nameAskedFor(item.TargetGroupName ?? '', tags);
  const values = settingsOf((await elb.describeTargetGroupAttributes({ TargetGroupArn: arn })).Attributes);
  const preserveClientIp = values['preserve_client_ip.enabled'];
  return found({
    kind: 'TargetGroup',
    id: arn,
    name: targetGroupName,
    attributes: {
      targetGroupName,
      vpcId: item.VpcId,
      port: item.Port,
      protocol: item.Protocol,
      healthCheck: actualHealthCheck(item),
      deregistrationDelaySeconds: Number(values['deregistration_delay.timeout_seconds']),
      connectionTermination: values['deregistration_delay.connection_termination.enabled'] === 'true',
      preserveClientIp: preserveClientIp === undefined ? undefined : preserveClientIp === 'true',
      tags,
    },
    outputs: { arn },
  });
}

function actualHealthCheck(item: TargetGroup): GroupAttributes['healthCheck'] {
  const { HealthCheckPort: port, HealthCheckPath: path } = item;
  return {
    protocol: item.HealthCheckProtocol ?? '',
    ...(port === undefined || port === samePort ? {} : { port }),
    ...(path === undefined ? {} : { path }),
    intervalSeconds: item.HealthCheckIntervalSeconds ?? 0,
    healthyThresholdCount: item.HealthyThresholdCount ?? 0,
    unhealthyThresholdCount: item.UnhealthyThresholdCount ?? 0,
  };
}
