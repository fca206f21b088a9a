import { Flags, type Interfaces } from '@oclif/core';
import type { Facts } from '../cloud/provider.ts';
import { isPlainObject } from '../lib/json.ts';
import { parseYaml } from '../lib/yaml.ts';
import type { CreateOptions } from '../operations/create-cluster.ts';
import type { PriceOptions } from '../operations/price-plan.ts';
import type { SubnetLayout } from '../spec/provider-view.ts';
import { usage } from './base-command.ts';
import { createNetworkFlags } from './create-network-flags.ts';
import { costFlags, listFlag, old, progressFlag, setFlag, unsetFlag, waitFlag, yesFlag } from './flags.ts';
import { terraformFlags } from './terraform-flags.ts';

/** The flags of `create cluster`, as in kops. */
export const createFlags = {
  zones: listFlag('Zones to run in: one group of workers in each.'),
  cloud: Flags.string({ summary: 'The cloud; without it the zones tell.' }),
  yes: yesFlag,
  progress: progressFlag,
  wait: waitFlag,
  'dry-run': Flags.boolean({ summary: 'Print the objects (-o yaml or json), store nothing.' }),
  output: Flags.string({ char: 'o', summary: 'How --dry-run prints; without it, json prints the plan as one document.', options: ['yaml', 'json'], default: 'yaml' }),
  'control-plane-zones': listFlag('Zones of the control planes; an odd number.', old('master-zones')),
  'control-plane-count': Flags.integer({ summary: 'Number of control planes; odd.', ...old('master-count') }),
  'control-plane-size': Flags.string({ summary: 'Machine type of the control planes; several separated by commas may be mixed.', ...old('master-size') }),
  'control-plane-volume-size': Flags.integer({ summary: 'Root disk of the control planes in GB.', ...old('master-volume-size') }),
  'control-plane-volume-type': Flags.string({ summary: 'Type of that disk.', ...old('master-volume-type') }),
  'control-plane-image': Flags.string({ summary: 'Image of the control planes.', ...old('master-image') }),
  'control-plane-security-groups': listFlag('Existing security groups for the control planes.', old('master-security-groups')),
  'control-plane-tenancy': Flags.string({ summary: 'default or dedicated.', ...old('master-tenancy') }),
  'node-count': Flags.integer({ summary: 'Number of workers; one for each zone when absent.' }),
  'node-size': Flags.string({ summary: 'Machine type of the workers; several separated by commas are mixed.' }),
  'node-volume-size': Flags.integer({ summary: 'Root disk of the workers in GB.' }),
  'node-volume-type': Flags.string({ summary: 'Type of that disk.' }),
  'node-image': Flags.string({ summary: 'Image of the workers.' }),
  'node-security-groups': listFlag('Existing security groups for the workers.'),
  'node-tenancy': Flags.string({ summary: 'default or dedicated.' }),
  'api-server-count': Flags.integer({ summary: 'Number of machines that only run the API server.' }),
  'api-server-size': Flags.string({ summary: 'Machine type of those.' }),
  image: Flags.string({ summary: 'Image of all machines.' }),
  'bastion-image': Flags.string({ summary: 'Image of the bastions.' }),
  'instance-manager': Flags.string({ summary: 'What starts the workers.', options: ['cloudgroups', 'karpenter'] }),
  'discovery-store': Flags.string({ summary: 'Public bucket for OIDC discovery documents: s3://bucket.', helpValue: 'URL' }),
  'kubernetes-version': Flags.string({ summary: 'Version of Kubernetes: v1.36.0.' }),
  'kubernetes-feature-gates': listFlag('Feature gates of Kubernetes: Name, +Name or -Name.'),
  channel: Flags.string({ summary: 'Channel of versions and images.' }),
  ...createNetworkFlags,
  authorization: Flags.string({ summary: 'RBAC or AlwaysAllow.', options: ['RBAC', 'AlwaysAllow'] }),
  'cloud-labels': Flags.string({ summary: 'Labels for everything in the cloud: k=v,k2=v2.' }),
  'etcd-clusters': listFlag('Names of the etcd clusters.'),
  'etcd-storage-type': Flags.string({ summary: 'Type of the disks of etcd.' }),
  'encrypt-etcd-storage': Flags.boolean({ summary: 'Encrypt the disks of etcd.', allowNo: true }),
  ...terraformFlags,
  facts: Flags.string({ summary: 'File with the answers of look-ups (networks, subnets, machine types): nothing is asked of the cloud.', helpValue: 'FILE' }),
  ...costFlags,
  set: setFlag,
  unset: unsetFlag,
};

export type CreateFlags = Interfaces.InferredFlags<typeof createFlags>;

/** The texts of files that flags name, and what was read from others. */
export interface CreateFiles {
  sshPublicKey?: string | undefined;
  facts?: string | undefined;
  /** What `costOptions` made of the flags about costs. */
  prices?: PriceOptions;
}

/** Flags → options of the operation. Throws usage errors. */
export function createOptions(name: string, flags: CreateFlags, files: CreateFiles = {}): CreateOptions {
  return defined({
    name,
    terraform: flags.target === 'terraform' ? true : undefined,
    apply: flags.yes ? true : undefined,
    zones: flags.zones ?? [],
    cloud: flags.cloud,
    set: flags.set,
    unset: flags.unset,
    sshPublicKey: files.sshPublicKey,
    facts: files.facts === undefined ? undefined : parseFacts(files.facts, flags.facts ?? ''),
    prices: files.prices,
    dryRun: flags['dry-run'],
    ...machineOptions(flags),
    ...networkOptions(flags),
    kubernetesVersion: flags['kubernetes-version'],
    kubernetesFeatureGates: flags['kubernetes-feature-gates'],
    instanceManager: flags['instance-manager'],
    discoveryStore: flags['discovery-store'],
    authorization: flags.authorization,
    cloudLabels: flags['cloud-labels'] === undefined ? undefined : parseLabels(flags['cloud-labels']),
    channel: flags.channel,
    etcdClusters: flags['etcd-clusters'],
    etcdStorageType: flags['etcd-storage-type'],
    encryptEtcdStorage: flags['encrypt-etcd-storage'],
  });
}

function machineOptions(flags: CreateFlags) {
  return {
    controlPlaneZones: flags['control-plane-zones'],
    controlPlaneCount: flags['control-plane-count'],
    controlPlaneSize: flags['control-plane-size'],
    controlPlaneVolumeSize: flags['control-plane-volume-size'],
    controlPlaneVolumeType: flags['control-plane-volume-type'],
    controlPlaneImage: flags['control-plane-image'],
    controlPlaneSecurityGroups: flags['control-plane-security-groups'],
    controlPlaneTenancy: flags['control-plane-tenancy'],
    nodeCount: flags['node-count'],
    nodeSize: flags['node-size'],
    nodeVolumeSize: flags['node-volume-size'],
    nodeVolumeType: flags['node-volume-type'],
    nodeImage: flags['node-image'],
    nodeSecurityGroups: flags['node-security-groups'],
    nodeTenancy: flags['node-tenancy'],
    apiServerCount: flags['api-server-count'],
    apiServerSize: flags['api-server-size'],
    image: flags.image,
    bastionImage: flags['bastion-image'],
  };
}

function networkOptions(flags: CreateFlags) {
  return {
    networking: flags.networking,
    networkCidrs: flags['network-cidr'],
    networkId: flags['network-id'],
    subnetIds: flags.subnets,
    utilitySubnetIds: flags['utility-subnets'],
    subnetLayout: flags['subnet-layout'] as SubnetLayout | undefined,
    disableSubnetTags: flags['disable-subnet-tags'],
    topology: flags.topology,
    bastion: flags.bastion,
    ipv6: flags.ipv6,
    egress: flags.egress,
    adminAccess: flags['admin-access'],
    sshAccess: flags['ssh-access'],
    associatePublicIp: flags['associate-public-ip'],
    dns: flags.dns,
    dnsZone: flags['dns-zone'],
    apiLoadBalancerType: flags['api-loadbalancer-type'],
    apiSslCertificate: flags['api-ssl-certificate'],
    apiPublicName: flags['api-public-name'],
  };
}

/** JSON or YAML with the fields of `Facts` (src/cloud/provider.ts). */
function parseFacts(text: string, file: string): Facts {
  const facts = parseYaml(text, file);
  if (isPlainObject(facts)) return facts;
  throw usage(`${file} has no facts`, ['It is an object with networks, subnets, machineTypes, defaultMachineTypes or zones.']);
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
