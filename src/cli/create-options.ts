import { Flags, type Interfaces } from '@oclif/core';
import type { CreateOptions } from '../operations/create-cluster.ts';
import { usage } from './base-command.ts';
import { listFlag, priceAsFlag, setFlag, unsetFlag, waitFlag, yesFlag } from './flags.ts';

const old = (name: string) => ({ aliases: [name], deprecateAliases: true });
const group = (helpGroup: string) => ({ helpGroup });

/** The flags of `create cluster`, as in kops. */
export const createFlags = {
  zones: listFlag('Zones to run in: one group of workers in each.'),
  cloud: Flags.string({ summary: 'The cloud; without it the zones tell.' }),
  yes: yesFlag,
  wait: waitFlag,
  'dry-run': Flags.boolean({ summary: 'Print the objects (-o yaml or json), store nothing.' }),
  output: Flags.string({ char: 'o', summary: 'How --dry-run prints.', options: ['yaml', 'json'], default: 'yaml' }),
  'control-plane-zones': listFlag('Zones of the control planes; an odd number.', old('master-zones')),
  'control-plane-count': Flags.integer({ summary: 'Number of control planes; odd.', ...old('master-count') }),
  'control-plane-size': Flags.string({ summary: 'Machine type of the control planes.', ...old('master-size') }),
  'control-plane-volume-size': Flags.integer({ summary: 'Root disk of the control planes in GB.', ...old('master-volume-size') }),
  'control-plane-volume-type': Flags.string({ summary: 'Type of that disk.', ...old('master-volume-type') }),
  'control-plane-image': Flags.string({ summary: 'Image of the control planes.', ...old('master-image') }),
  'control-plane-security-groups': listFlag('Existing security groups for the control planes.', old('master-security-groups')),
  'control-plane-tenancy': Flags.string({ summary: 'default or dedicated.', ...old('master-tenancy') }),
  'node-count': Flags.integer({ summary: 'Number of workers; one for each zone when absent.' }),
  'node-size': Flags.string({ summary: 'Machine type of the workers.' }),
  'node-volume-size': Flags.integer({ summary: 'Root disk of the workers in GB.' }),
  'node-volume-type': Flags.string({ summary: 'Type of that disk.' }),
  'node-image': Flags.string({ summary: 'Image of the workers.' }),
  'node-security-groups': listFlag('Existing security groups for the workers.'),
  'node-tenancy': Flags.string({ summary: 'default or dedicated.' }),
  image: Flags.string({ summary: 'Image of all machines.' }),
  'kubernetes-version': Flags.string({ summary: 'Version of Kubernetes: v1.36.0.' }),
  networking: Flags.string({ summary: 'Network of the pods: cilium, calico, kindnet …', ...group('NETWORK') }),
  'network-cidr': listFlag('Address block of the network; the cloud chooses one when absent.'),
  'network-id': Flags.string({ summary: 'An existing network to use.', aliases: ['vpc'], ...group('NETWORK') }),
  topology: Flags.string({ char: 't', summary: 'public; private is not supported yet.', options: ['public', 'private'], ...group('NETWORK') }),
  'admin-access': listFlag('Who may reach the API and ssh: address blocks.'),
  'ssh-access': listFlag('Who may reach ssh, when it is not the same.'),
  'ssh-public-key': Flags.string({ summary: 'File with the public key for ssh.', helpValue: 'FILE' }),
  'associate-public-ip': Flags.boolean({ summary: 'Give machines public addresses.', allowNo: true, ...group('NETWORK') }),
  dns: Flags.string({ summary: 'public, private or none.', options: ['public', 'private', 'none', 'Public', 'Private', 'None'], ...group('NETWORK') }),
  'dns-zone': Flags.string({ summary: 'Hosted zone of the names.', ...group('NETWORK') }),
  'api-loadbalancer-type': Flags.string({ summary: 'public or internal.', options: ['public', 'internal'], ...group('NETWORK') }),
  authorization: Flags.string({ summary: 'RBAC or AlwaysAllow.', options: ['RBAC', 'AlwaysAllow'] }),
  'cloud-labels': Flags.string({ summary: 'Labels for everything in the cloud: k=v,k2=v2.' }),
  channel: Flags.string({ summary: 'Channel of versions and images.' }),
  'etcd-clusters': listFlag('Names of the etcd clusters.'),
  'encrypt-etcd-storage': Flags.boolean({ summary: 'Encrypt the disks of etcd.', allowNo: true }),
  'price-as': priceAsFlag,
  set: setFlag,
  unset: unsetFlag,
};

export type CreateFlags = Interfaces.InferredFlags<typeof createFlags>;

/** Flags → options of the operation. `sshPublicKey`: the text of the key's file. */
export function createOptions(name: string, flags: CreateFlags, sshPublicKey: string | undefined): CreateOptions {
  if (flags.topology === 'private') throw usage('--topology private is not supported yet', ['Leave it out: machines get public subnets.']);
  return defined({
    name,
    zones: flags.zones ?? [],
    cloud: flags.cloud,
    set: flags.set,
    unset: flags.unset,
    sshPublicKey,
    priceAs: flags['price-as'],
    dryRun: flags['dry-run'],
    controlPlaneZones: flags['control-plane-zones'],
    controlPlaneCount: flags['control-plane-count'],
    controlPlaneSize: flags['control-plane-size'],
    controlPlaneVolumeSize: flags['control-plane-volume-size'],
    controlPlaneVolumeType: flags['control-plane-volume-type'],
    controlPlaneImage: flags['control-plane-image'] ?? flags.image,
    controlPlaneSecurityGroups: flags['control-plane-security-groups'],
    controlPlaneTenancy: flags['control-plane-tenancy'],
    nodeCount: flags['node-count'],
    nodeSize: flags['node-size'],
    nodeVolumeSize: flags['node-volume-size'],
    nodeVolumeType: flags['node-volume-type'],
    nodeImage: flags['node-image'] ?? flags.image,
    nodeSecurityGroups: flags['node-security-groups'],
    nodeTenancy: flags['node-tenancy'],
    kubernetesVersion: flags['kubernetes-version'],
    networking: flags.networking,
    networkCidrs: flags['network-cidr'],
    networkId: flags['network-id'],
    adminAccess: flags['admin-access'],
    sshAccess: flags['ssh-access'],
    associatePublicIp: flags['associate-public-ip'],
    dns: flags.dns,
    dnsZone: flags['dns-zone'],
    apiLoadBalancerType: flags['api-loadbalancer-type'],
    authorization: flags.authorization,
    cloudLabels: flags['cloud-labels'] === undefined ? undefined : parseLabels(flags['cloud-labels']),
    channel: flags.channel,
    etcdClusters: flags['etcd-clusters'],
    encryptEtcdStorage: flags['encrypt-etcd-storage'],
  });
}

/** `Owner=John Doe,dn="cn=John, o=x"`: a value in double quotes may contain commas. */
export function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const pattern = /\s*([^=,]+)=(?:"([^"]*)"|([^,]*))\s*(?:,|$)/gy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match?.[1]) throw usage(`--cloud-labels ${text} cannot be read`, ['Write it as key=value,key2=value2; put a value with commas in double quotes.']);
    labels[match[1].trim()] = match[2] ?? match[3]?.trim() ?? '';
  }
  return labels;
}

function defined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
