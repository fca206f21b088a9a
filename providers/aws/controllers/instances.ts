import type { Instance } from '@aws-sdk/client-ec2';
import type { CloudControllers, InstanceMetadata } from '../../../src/cloud/controllers.ts';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { InstanceLookup } from './instance-lookup.ts';

export function createInstances(lookup: InstanceLookup, region: string): CloudControllers['instances'] {
  return {
    exists: async (clusterName, node) => (await lookup.find(clusterName, node, 'exists')) !== undefined,
    shutDown: async (clusterName, node) => (await lookup.find(clusterName, node, 'shutDown'))?.State?.Name === 'stopped',
    metadata: async (clusterName, node) => {
      const instance = await lookup.find(clusterName, node, 'metadata');
      if (!instance) throw new CloudError('notFound', 'DescribeInstances', `no instance belongs to node ${node.metadata.name}`, { object: node.metadata.name });
      return metadataOf(instance, region);
    },
  };
}

function metadataOf(instance: Instance, region: string): InstanceMetadata {
  const zone = instance.Placement?.AvailabilityZone ?? '';
  return {
    providerId: `aws:///${zone}/${instance.InstanceId}`,
    instanceType: instance.InstanceType ?? '',
    zone,
    region,
    addresses: addressesOf(instance),
  };
}

function addressesOf(instance: Instance): InstanceMetadata['addresses'] {
  const interfaces = [...(instance.NetworkInterfaces ?? [])].sort((a, b) => (a.Attachment?.DeviceIndex ?? 0) - (b.Attachment?.DeviceIndex ?? 0));
  const internal = interfaces.flatMap((each) => [
    ...(each.PrivateIpAddresses ?? []).map((address) => address.PrivateIpAddress),
    ...(each.Ipv6Addresses ?? []).map((address) => address.Ipv6Address),
  ]);
  const all = [
    ...[instance.PrivateIpAddress, ...internal].map((address) => ({ type: 'InternalIP' as const, address })),
    { type: 'ExternalIP' as const, address: instance.PublicIpAddress },
    { type: 'InternalDNS' as const, address: instance.PrivateDnsName },
    { type: 'Hostname' as const, address: instance.PrivateDnsName },
    { type: 'ExternalDNS' as const, address: instance.PublicDnsName },
  ];
  const seen = new Set<string>();
  return all.flatMap(({ type, address }) => {
    if (!address || seen.has(`${type} ${address}`)) return [];
    seen.add(`${type} ${address}`);
    return [{ type, address }];
  });
}
