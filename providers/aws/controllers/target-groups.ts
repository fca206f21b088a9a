import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CloudError } from '../../../src/cloud/errors.ts';
import { allPages } from '../api/parallel.ts';
import { toTagList } from '../api/tag-list.ts';
import { ifThere } from '../resources/adopt.ts';
import { tagsByArn } from '../resources/load-balancer-lists.ts';
import { allDone, findOrCreate, untilFree } from './adopt.ts';
import { isOwned, targetGroupPrefix } from './names.ts';
import type { TargetGroupWish } from './port-wish.ts';
import type { BalancerScope } from './scope.ts';

/** The target group with its health check and attributes as wanted; resolves to its ARN. */
export async function ensureTargetGroup(scope: BalancerScope, wish: TargetGroupWish, vpcId: string, tags: Readonly<Record<string, string>>): Promise<string> {
  const group = await findOrCreate(
    async () => (await named(scope, wish.name)).at(0),
    () => create(scope, wish, vpcId, tags),
  );
  const arn = group.TargetGroupArn ?? '';
  const elb = await scope.aws.service('elbv2');
  if (!isOwned(scope.clusterName, scope.service, (await tagsByArn(scope.aws, [arn])).get(arn))) {
    throw new CloudError('invalid', 'CreateTargetGroup', `target group ${wish.name} is there and belongs to somebody else: delete it`, { object: wish.name });
  }
  const check = healthCheckInput(wish);
  const differs = Object.entries(check).some(([key, value]) =>
    key === 'Matcher' ? group.Matcher?.HttpCode !== wish.healthCheck.successCodes : group[key as keyof TargetGroup] !== value,
  );
  if (differs) await elb.modifyTargetGroup({ TargetGroupArn: arn, ...check });
  await syncAttributes(scope, arn, wish);
  return arn;
}

/** Instances are registered by id; what drains already is left alone. */
export async function syncTargets({ aws }: BalancerScope, TargetGroupArn: string, instanceIds: readonly string[]): Promise<void> {
  const elb = await aws.service('elbv2');
  const health = (await elb.describeTargetHealth({ TargetGroupArn })).TargetHealthDescriptions ?? [];
  const registered = health.filter(({ TargetHealth }) => TargetHealth?.State !== 'draining').map(({ Target }) => Target?.Id ?? '');
  const added = instanceIds.filter((id) => !registered.includes(id));
  const gone = registered.filter((id) => !instanceIds.includes(id));
  if (added.length > 0) await elb.registerTargets({ TargetGroupArn, Targets: added.map((Id) => ({ Id })) });
  if (gone.length > 0) await elb.deregisterTargets({ TargetGroupArn, Targets: gone.map((Id) => ({ Id })) });
}

/** Every target group of the Service but those in `keep`; also ones that a create left behind before its load balancer was there. */
export async function deleteTargetGroups(scope: BalancerScope, keep: readonly string[] = []): Promise<void> {
  const { aws, signal, clusterName, service } = scope;
  const arns = (await ofService(scope)).map((group) => group.TargetGroupArn ?? '').filter((arn) => !keep.includes(arn));
  const tags = await tagsByArn(aws, arns);
  const elb = await aws.service('elbv2');
  const own = arns.filter((arn) => isOwned(clusterName, service, tags.get(arn)));
  await allDone(own.map((TargetGroupArn) => untilFree(aws.clock, signal, () => elb.deleteTargetGroup({ TargetGroupArn }))));
}

async function ofService({ aws, clusterName, service }: BalancerScope): Promise<TargetGroup[]> {
  const elb = await aws.service('elbv2');
  const prefix = targetGroupPrefix(clusterName, service);
  const all = await allPages(async (Marker) => {
    const page = await elb.describeTargetGroups({ Marker });
    return { items: page.TargetGroups, next: page.NextMarker };
  });
  return all.filter(({ TargetGroupName }) => TargetGroupName?.startsWith(prefix));
}

async function named({ aws }: BalancerScope, name: string): Promise<TargetGroup[]> {
  const elb = await aws.service('elbv2');
  return (await ifThere(elb.describeTargetGroups({ Names: [name] })))?.TargetGroups ?? [];
}

async function create({ aws }: BalancerScope, wish: TargetGroupWish, VpcId: string, tags: Readonly<Record<string, string>>): Promise<TargetGroup | undefined> {
  const elb = await aws.once('elbv2');
  const { name: Name, port: Port, protocol: Protocol } = wish;
  return (await elb.createTargetGroup({ Name, Port, Protocol, VpcId, TargetType: 'instance', ...healthCheckInput(wish), Tags: toTagList(tags) })).TargetGroups?.[0];
}

function healthCheckInput({ healthCheck }: TargetGroupWish) {
  const { protocol, port, path, successCodes, intervalSeconds, timeoutSeconds, healthyThresholdCount, unhealthyThresholdCount } = healthCheck;
  return {
    HealthCheckProtocol: protocol,
    HealthCheckPort: port,
    ...(path === undefined ? {} : { HealthCheckPath: path }),
    ...(successCodes === undefined ? {} : { Matcher: { HttpCode: successCodes } }),
    HealthCheckIntervalSeconds: intervalSeconds,
    ...(timeoutSeconds === undefined ? {} : { HealthCheckTimeoutSeconds: timeoutSeconds }),
    HealthyThresholdCount: healthyThresholdCount,
    UnhealthyThresholdCount: unhealthyThresholdCount,
  };
}

async function syncAttributes({ aws }: BalancerScope, TargetGroupArn: string, { attributes }: TargetGroupWish): Promise<void> {
  const elb = await aws.service('elbv2');
  const actual = new Map(((await elb.describeTargetGroupAttributes({ TargetGroupArn })).Attributes ?? []).map(({ Key, Value }) => [Key, Value]));
  const changed = Object.entries(attributes).filter(([key, value]) => actual.get(key) !== value);
  if (changed.length > 0) await elb.modifyTargetGroupAttributes({ TargetGroupArn, Attributes: changed.map(([Key, Value]) => ({ Key, Value })) });
}
