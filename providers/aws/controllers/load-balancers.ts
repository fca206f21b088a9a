import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CloudControllers, LoadBalancerStatus } from '../../../src/cloud/controllers.ts';
import type { NodeObject, Service } from '../../../src/kube/objects.ts';
import { fromTagList } from '../api/tag-list.ts';
import { ownershipTag } from '../model/tags.ts';
import { allDone, untilFree } from './adopt.ts';
import { ensureBalancer, findBalancer, needsReplacement } from './balancer.ts';
import { type BalancerWish, balancerWish } from './balancer-wish.ts';
import { ingressRules, revoke } from './ingress-rules.ts';
import type { InstanceLookup } from './instance-lookup.ts';
import { syncListeners } from './listeners.ts';
import { balancerName, frontGroupName, isOwned, ownerTags, serviceTag } from './names.ts';
import type { BalancerScope } from './scope.ts';
import { clusterGroups, ensureBalancerGroups, syncNodeRules } from './security-groups.ts';
import { balancerSubnets } from './subnets.ts';
import { deleteTargetGroups, ensureTargetGroup, syncTargets } from './target-groups.ts';

export function createLoadBalancers(shared: Pick<BalancerScope, 'aws' | 'signal'>, lookup: InstanceLookup): CloudControllers['loadBalancers'] {
  const scopeOf = (clusterName: string, service: Service): BalancerScope => ({
    ...shared,
    clusterName,
    service,
    name: balancerName(service),
    groupName: frontGroupName(service),
  });
  return {
    get: async (clusterName, service) => {
      const balancer = await findBalancer(scopeOf(clusterName, service));
      return balancer && statusOf(balancer);
    },
    ensure: (clusterName, service, nodes) => ensure(scopeOf(clusterName, service), lookup, nodes),
    update: async (clusterName, service, nodes) => void (await ensure(scopeOf(clusterName, service), lookup, nodes)),
    delete: (clusterName, service) => remove(scopeOf(clusterName, service)),
  };
}

/** One NLB a Service. Every step looks first and changes only what differs, so that it can be cut off anywhere and begun again. */
async function ensure(scope: BalancerScope, lookup: InstanceLookup, nodes: readonly NodeObject[]): Promise<LoadBalancerStatus> {
  const wish = balancerWish(scope.clusterName, scope.service);
  const [subnets, existing, instances] = await Promise.all([
    balancerSubnets(scope.aws, scope.clusterName, wish),
    findBalancer(scope),
    instancesOf(scope.clusterName, lookup, wish, nodes),
  ]);
  const replaced = existing !== undefined && needsReplacement(existing, wish, subnets);
  if (replaced) await remove(scope);
  const groups = await ensureBalancerGroups(scope, wish, subnets.vpcId);
  const [balancer, targetGroups] = await allDone([
    ensureBalancer(scope, wish, subnets, groups.ids, replaced ? undefined : existing),
    allDone(wish.ports.map(async ({ targetGroup }) => [targetGroup.name, await ensureTargetGroup(scope, targetGroup, subnets.vpcId, wish.tags)] as const)),
    syncNodeRules(scope, wish, groups, instances),
  ]);
  const arns = [...new Set(targetGroups.map(([, arn]) => arn))];
  const ids = instances.map((instance) => instance.InstanceId ?? '');
  await allDone(arns.map((arn) => syncTargets(scope, arn, ids)));
  await syncListeners(scope, balancer.LoadBalancerArn ?? '', wish.ports, new Map(targetGroups), wish.tags);
  await deleteTargetGroups(scope, arns);
  if (wish.securityGroups) await removeOwnGroup(scope);
  return statusOf(balancer);
}

async function instancesOf(clusterName: string, lookup: InstanceLookup, wish: BalancerWish, nodes: readonly NodeObject[]) {
  const chosen = nodes.filter(({ metadata }) => Object.entries(wish.nodeLabels).every(([key, value]) => metadata.labels?.[key] === value));
  const found = await Promise.all(chosen.map((node) => lookup.find(clusterName, node, 'loadBalancer')));
  return found.flatMap((instance) => instance ?? []);
}

/** Each part is found by itself: a create that was cut off, or a delete, leaves nothing behind. */
async function remove(scope: BalancerScope): Promise<void> {
  const { aws, signal } = scope;
  const balancer = await findBalancer(scope);
  if (balancer) {
    const elb = await aws.service('elbv2');
    await untilFree(aws.clock, signal, () => elb.deleteLoadBalancer({ LoadBalancerArn: balancer.LoadBalancerArn }));
  }
  await deleteTargetGroups(scope);
  const tags = ownerTags(scope.clusterName, scope.service);
  await revoke(scope, await ingressRules(scope, { [`tag:${serviceTag}`]: tags[serviceTag] ?? '', 'tag-key': ownershipTag(scope.clusterName) }));
  await removeOwnGroup(scope);
}

async function removeOwnGroup({ aws, signal, clusterName, service, groupName }: BalancerScope): Promise<void> {
  const ec2 = await aws.service('ec2');
  const own = (await clusterGroups(aws, clusterName)).filter((group) => group.GroupName === groupName && isOwned(clusterName, service, fromTagList(group.Tags)));
  for (const { GroupId } of own) await untilFree(aws.clock, signal, () => ec2.deleteSecurityGroup({ GroupId }));
}

function statusOf({ DNSName }: LoadBalancer): LoadBalancerStatus {
  return { ingress: DNSName === undefined ? [] : [{ hostname: DNSName }] };
}
