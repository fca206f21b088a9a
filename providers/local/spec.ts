import type { ProviderSpec } from '../../src/cloud/provider.ts';
import { formatCidr, parseCidr, subCidr } from '../../src/lib/cidr.ts';
import { nearest } from '../../src/lib/text.ts';
import type { CompletedCluster, Finding } from '../../src/spec/types.ts';
import { localCatalog, regionOf } from './catalog.ts';

const blockPrefix = 16;

export const localSpec: ProviderSpec = {
  ownsZone: (zone) => zone.startsWith('local-') && regionOf(zone) !== undefined,
  references: ({ spec }) => {
    const open = [spec.networkCIDR, spec.podCIDR, spec.serviceClusterIPRange].some((block) => block === undefined);
    return open && spec.nonMasqueradeCIDR === undefined ? { networkBlock: { prefix: blockPrefix } } : {};
  },
  clusterDefaults: (_cluster, facts) => (facts.networkBlock === undefined ? {} : splitBlock(facts.networkBlock)),
  instanceGroupDefaults: () => ({}),
  validate: (completed) => [...zoneFindings(completed), ...networkFindings(completed), ...groupFindings(completed), ...blockFindings(completed)],
};

/** A quarter for nodes and load balancers, a quarter for services, half for pods. */
function splitBlock(text: string): Record<string, unknown> {
  const block = parseCidr(text);
  if (!block) return {};
  const pods = formatCidr(subCidr(block, block.prefix + 1, 1));
  return {
    'spec.networkCIDR': formatCidr(subCidr(block, block.prefix + 2, 0)),
    'spec.serviceClusterIPRange': formatCidr(subCidr(block, block.prefix + 2, 1)),
    'spec.podCIDR': pods,
    'spec.nonMasqueradeCIDR': pods,
  };
}

function zoneFindings({ cluster }: CompletedCluster): Finding[] {
  return (cluster.spec.subnets ?? []).flatMap((subnet, i): Finding[] => {
    if (subnet.zone === undefined || regionOf(subnet.zone)) return [];
    const message = `Invalid value: "${subnet.zone}": a zone is a region and a letter`;
    return [
      {
        severity: 'error',
        object: `Cluster/${cluster.metadata.name}`,
        path: `spec.subnets[${i}].zone`,
        message,
        hint: 'local-1a, local-1b and local-1c are zones of the local cloud',
      },
    ];
  });
}

/** Networks of this machine are made for the cluster, and have IPv4 only. */
function networkFindings({ cluster }: CompletedCluster): Finding[] {
  const { spec, metadata } = cluster;
  const finding = (path: string, message: string, hint: string): Finding => ({ severity: 'error', object: `Cluster/${metadata.name}`, path, message, hint });
  const lists = ['kubernetesApiAccess', 'sshAccess', 'nodePortAccess'].flatMap((name) =>
    ((spec[name] as string[] | undefined) ?? []).flatMap((entry, i) => (entry.startsWith('pl-') ? [`spec.${name}[${i}]`] : [])),
  );
  const shared = (spec.subnets ?? []).findIndex((subnet) => subnet.id !== undefined);
  return [
    ...(spec.networkID === undefined
      ? []
      : [finding('spec.networkID', 'the local cloud has no networks that exist already', 'leave networkID out: the cluster gets a network of its own')]),
    ...lists.map((path) => finding(path, 'the local cloud has no prefix lists', 'name address blocks')),
    ...(shared < 0 ? [] : [finding(`spec.subnets[${shared}].id`, 'the local cloud has no subnets that exist already', 'leave the ids out')]),
    ...(spec.nonMasqueradeCIDR?.includes(':') ? [finding('spec.nonMasqueradeCIDR', 'the local cloud has no IPv6', 'leave --ipv6 out')] : []),
  ];
}

function groupFindings({ instanceGroups }: CompletedCluster): Finding[] {
  return instanceGroups.flatMap((group): Finding[] => {
    const object = `InstanceGroup/${group.metadata.name}`;
    const findings: Finding[] = [];
    const { role } = group.spec;
    if (role === 'APIServer') {
      findings.push({
        severity: 'error',
        object,
        path: 'spec.role',
        message: `Unsupported value: "${role}": supported values: "Bastion", "ControlPlane", "Node"`,
        hint: 'the API servers of the local cloud are on its control planes',
      });
    }
    if (group.spec.manager === 'Karpenter') {
      const hint = 'leave manager out and give minSize and maxSize';
      findings.push({ severity: 'error', object, path: 'spec.manager', message: 'the local cloud does not run Karpenter', hint });
    }
    for (const machineType of group.spec.machineType?.split(',') ?? []) {
      if (localCatalog.machineTypes.has(machineType)) continue;
      const near = nearest(machineType, localCatalog.machineTypes.keys());
      findings.push({
        severity: 'error',
        object,
        path: 'spec.machineType',
        message: `Invalid value: "${machineType}": machine type "${machineType}" is not known`,
        ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
      });
    }
    return findings;
  });
}

/** Only 127.0.0.0/8 can be given addresses on a machine without asking anybody. */
function blockFindings({ cluster }: CompletedCluster): Finding[] {
  const { networkCIDR } = cluster.spec;
  const block = parseCidr(networkCIDR ?? '');
  if (!block || block.base >>> 24 === 127) return [];
  return [
    {
      severity: 'warning',
      object: `Cluster/${cluster.metadata.name}`,
      path: 'spec.networkCIDR',
      message: `${networkCIDR} is not inside 127.0.0.0/8: on this machine its addresses are reached through ports of 127.0.0.1`,
      hint: 'leave networkCIDR, podCIDR and serviceClusterIPRange out to get addresses that plain clients reach',
    },
  ];
}
