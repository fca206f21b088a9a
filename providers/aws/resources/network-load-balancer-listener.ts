import type { ElasticLoadBalancingV2, Listener } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages, inParallel } from '../api/parallel.ts';
import { toTagList } from '../api/tag-list.ts';
import { createOrAdopt, ifThere, soonThere } from './adopt.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { loadBalancersOf } from './load-balancer-lists.ts';
import { found, managerOf, ownerTags } from './ownership.ts';

type ListenerAttributes = WantedResource<'NetworkLoadBalancerListener'>['attributes'];

export const networkLoadBalancerListener: AwsKind<'NetworkLoadBalancerListener'> = {
  kind: 'NetworkLoadBalancerListener',

  list: async (inventory) => {
    const elb = await inventory.aws.service('elbv2');
    const listeners = await inParallel(await loadBalancersOf(inventory), async ({ item, tags }) => {
      const name = tags.Name ?? item.LoadBalancerName ?? '';
      return (await listenersOf(elb, item.LoadBalancerArn ?? '')).map((listener) => ({ ...actualListener(listener, `${name}-${listener.Port}`), manager: managerOf(tags) }));
    });
    return listeners.flat();
  },

  create: async (aws, resource, context) => {
    const { name, cluster, attributes } = resource;
    return createOrAdopt(networkLoadBalancerListener, aws, resource, context, {
      make: async () =>
        soonThere((await aws.once('elbv2')).createListener({ LoadBalancerArn: attributes.loadBalancerArn, ...settings(attributes), Tags: toTagList(ownerTags(cluster, name)) })),
      find: () => findListener(aws, attributes, name),
      lookFirst: true,
    });
  },

  update: async (aws, actual, { attributes }) => {
    const elb = await aws.service('elbv2');
    await elb.modifyListener({ ListenerArn: actual.id, ...settings(attributes) });
    return { ...actual, attributes: { ...attributes } };
  },

  delete: async (aws, actual) => {
    await ifThere((await aws.service('elbv2')).deleteListener({ ListenerArn: actual.id }));
  },

  effect: (changes) => (changes.some((field) => field === 'loadBalancerArn' || field === 'port') ? 'replace' : 'update'),
};

function settings({ port, protocol, targetGroupArn, certificateArn, sslPolicy }: ListenerAttributes) {
  return {
    Port: port,
    Protocol: protocol,
    DefaultActions: [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }],
    ...(certificateArn === undefined ? {} : { Certificates: [{ CertificateArn: certificateArn }] }),
    ...(sslPolicy === undefined ? {} : { SslPolicy: sslPolicy }),
  };
}

async function findListener(aws: AwsApi, { loadBalancerArn, port }: ListenerAttributes, name: string): Promise<ActualResource | undefined> {
  const listeners = await listenersOf(await aws.service('elbv2'), loadBalancerArn);
  const listener = listeners.find((candidate) => candidate.Port === port);
  return listener && actualListener(listener, name);
}

async function listenersOf(elb: ElasticLoadBalancingV2, LoadBalancerArn: string): Promise<Listener[]> {
  return allPages(async (Marker) => {
    const page = await ifThere(elb.describeListeners({ LoadBalancerArn, Marker }));
    return { items: page?.Listeners, next: page?.NextMarker };
  });
}

function actualListener(item: Listener, name: string): ActualResource {
  const attributes = {
    loadBalancerArn: item.LoadBalancerArn,
    port: item.Port,
    protocol: item.Protocol,
    targetGroupArn: item.DefaultActions?.[0]?.TargetGroupArn ?? item.DefaultActions?.[0]?.ForwardConfig?.TargetGroups?.[0]?.TargetGroupArn,
    certificateArn: item.Certificates?.[0]?.CertificateArn,
    sslPolicy: item.SslPolicy || undefined,
  };
  return found({ kind: 'NetworkLoadBalancerListener', id: item.ListenerArn ?? '', name, attributes });
}
