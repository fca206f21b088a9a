import type { Route, RouteTable } from '@aws-sdk/client-ec2';
import type { CloudControllers } from '../../../src/cloud/controllers.ts';
import { CloudError, isCloudError } from '../../../src/cloud/errors.ts';
import type { NodeObject } from '../../../src/kube/objects.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages, filterValues, inBatches } from '../api/parallel.ts';
import { ownershipTag } from '../model/tags.ts';
import { ifThere } from '../resources/adopt.ts';
import { allDone } from './adopt.ts';
import type { InstanceLookup } from './instance-lookup.ts';

/** Pod addresses are reached through the route tables of the cluster's subnets, where the network of the pods does not do it itself. */
export function createRoutes(aws: AwsApi, lookup: InstanceLookup): NonNullable<CloudControllers['routes']> {
  return {
    list: (clusterName) => list(aws, clusterName),
    create: (clusterName, targetNode, destinationCidr) => create(aws, lookup, clusterName, targetNode, destinationCidr),
    delete: (clusterName, name) => remove(aws, clusterName, name),
  };
}

async function tables(aws: AwsApi, clusterName: string): Promise<RouteTable[]> {
  const ec2 = await aws.service('ec2');
  const Filters = [{ Name: 'tag-key', Values: [ownershipTag(clusterName)] }];
  const found = await allPages(async (NextToken) => {
    const page = await ec2.describeRouteTables({ Filters, NextToken });
    return { items: page.RouteTables, next: page.NextToken };
  });
  if (found.length === 0) throw new CloudError('notFound', 'DescribeRouteTables', `no route table has the tag ${ownershipTag(clusterName)}`, { object: clusterName });
  return found;
}

/** Routes to instances. One that leads nowhere any more has no target node; one that some table lacks is not listed, so that it is made again. */
async function list(aws: AwsApi, clusterName: string): Promise<{ name: string; targetNode: string; destinationCidr: string }[]> {
  const all = await tables(aws, clusterName);
  const counted = new Map<string, { route: Route; count: number }>();
  for (const route of all.flatMap((table) => (table.Routes ?? []).filter(isPodRoute))) {
    counted.set(routeName(route), { route, count: (counted.get(routeName(route))?.count ?? 0) + 1 });
  }
  const listed = [...counted.values()].filter(({ route, count }) => count === all.length || route.State === 'blackhole').map(({ route }) => route);
  const nodes = await nodeNames(aws, listed);
  return listed.map((route) => ({
    name: routeName(route),
    targetNode: route.State === 'blackhole' ? '' : (nodes.get(route.InstanceId ?? '') ?? ''),
    destinationCidr: route.DestinationCidrBlock ?? '',
  }));
}

function isPodRoute(route: Route): boolean {
  return route.Origin !== 'CreateRouteTable' && Boolean(route.InstanceId) && Boolean(route.DestinationCidrBlock) && route.DestinationCidrBlock !== '0.0.0.0/0';
}

/** `100.96.1.0/24 i-0ab1`: with its target, so that a delete never takes a newer route. */
function routeName({ DestinationCidrBlock, InstanceId }: Route): string {
  return `${DestinationCidrBlock} ${InstanceId}`;
}

async function nodeNames(aws: AwsApi, routes: readonly Route[]): Promise<Map<string, string>> {
  const ids = [...new Set(routes.flatMap(({ InstanceId }) => InstanceId ?? []))];
  const ec2 = await aws.service('ec2');
  const instances = await inBatches(ids, filterValues, async (Values) => {
    const { Reservations = [] } = await ec2.describeInstances({ Filters: [{ Name: 'instance-id', Values }] });
    return Reservations.flatMap((reservation) => reservation.Instances ?? []);
  });
  return new Map(instances.map(({ InstanceId = '', PrivateDnsName = '' }) => [InstanceId, PrivateDnsName]));
}

async function create(aws: AwsApi, lookup: InstanceLookup, clusterName: string, targetNode: string, DestinationCidrBlock: string): Promise<void> {
  const node: NodeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: targetNode }, spec: {} };
  const [instance, all] = await Promise.all([lookup.find(clusterName, node, 'route'), tables(aws, clusterName)]);
  if (!instance) throw new CloudError('notFound', 'CreateRoute', `no instance belongs to node ${targetNode}`, { object: targetNode });
  const ec2 = await aws.service('ec2');
  const { InstanceId } = instance;
  // An instance that carries traffic of others must not have its packets checked for their address.
  if (instance.SourceDestCheck !== false) await ec2.modifyInstanceAttribute({ InstanceId, SourceDestCheck: { Value: false } });
  await allDone(all.map((table) => ensureRoute(aws, table, { DestinationCidrBlock, InstanceId })));
}

async function ensureRoute(aws: AwsApi, table: RouteTable, wanted: { DestinationCidrBlock: string; InstanceId: string | undefined }): Promise<void> {
  const there = table.Routes?.find((route) => route.DestinationCidrBlock === wanted.DestinationCidrBlock);
  if (there?.InstanceId === wanted.InstanceId && there?.State !== 'blackhole') return;
  const ec2 = await aws.service('ec2');
  const input = { RouteTableId: table.RouteTableId, ...wanted };
  try {
    await (there ? ec2.replaceRoute(input) : ec2.createRoute(input));
  } catch (error) {
    if (!isCloudError(error, 'alreadyExists')) throw error;
    await ec2.replaceRoute(input);
  }
}

async function remove(aws: AwsApi, clusterName: string, name: string): Promise<void> {
  const ec2 = await aws.service('ec2');
  const all = await tables(aws, clusterName);
  const holding = all.flatMap(({ RouteTableId, Routes = [] }) =>
    Routes.filter((route) => isPodRoute(route) && routeName(route) === name).map((route) => ({ RouteTableId, route })),
  );
  await allDone(holding.map(({ RouteTableId, route }) => ifThere(ec2.deleteRoute({ RouteTableId, DestinationCidrBlock: route.DestinationCidrBlock }))));
}
