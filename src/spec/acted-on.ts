import { isPlainObject } from '../lib/json.ts';
import { formatPath } from './path.ts';
import type { SpecRules } from './provider-view.ts';
import type { CompletedCluster, Finding, KopsObject, Provenance } from './types.ts';

/** Fields under `spec` that something acts on, whatever the cloud; a path covers what is below it. */
const clusterFields = [
  'additionalNetworkCIDRs,additionalSans,api,authorization,channel,cloudLabels,cloudProvider,clusterDNSDomain,configBase,etcdClusters',
  'iam.allowContainerRegistry,iam.legacy,kubeAPIServer.serviceNodePortRange,kubeDNS.provider,kubeDNS.serverIP,kubeProxy.enabled,kubelet.anonymousAuth,kubelet.maxPods',
  'kubernetesApiAccess,kubernetesVersion,masterInternalName,masterPublicName,networkCIDR,networking,nonMasqueradeCIDR,podCIDR,rollingUpdate',
  'serviceClusterIPRange,sshAccess,sshKeyName,subnets,target.terraform,topology,updatePolicy',
].flatMap((line) => line.split(','));

const instanceGroupFields = [
  'associatePublicIp,cloudLabels,image,kubelet.anonymousAuth,kubelet.maxPods,machineType,maxSize,minSize,nodeLabels,role,rollingUpdate',
  'rootVolumeEncryption,rootVolumeIops,rootVolumeSize,rootVolumeThroughput,rootVolumeType,subnets,taints,zones',
].flatMap((line) => line.split(','));

/** One warning for each object in which the user set fields that nothing acts on yet: they are kept and written back as they are. */
export function fieldsWithoutEffect(completed: CompletedCluster, { actsOn }: SpecRules): Finding[] {
  const { cluster, instanceGroups, provenance } = completed;
  return [
    ...warning(cluster, [...clusterFields, ...(actsOn?.cluster ?? [])], provenance.cluster),
    ...instanceGroups.flatMap((group) => warning(group, [...instanceGroupFields, ...(actsOn?.instanceGroup ?? [])], provenance.instanceGroups[group.metadata.name] ?? {})),
  ];
}

function warning(object: KopsObject, known: readonly string[], provenance: Provenance): Finding[] {
  const idle = idleFields(object.spec, [], known, provenance);
  if (idle.length === 0) return [];
  const message = `kept as ${idle.length === 1 ? 'it is' : 'they are'}, but nothing acts on ${idle.join(', ')} yet`;
  return [{ severity: 'warning', object: `${object.kind}/${object.metadata.name}`, path: 'spec', message }];
}

/** The highest paths that are not known, without those that completion filled in. */
function idleFields(value: object, path: readonly string[], known: readonly string[], provenance: Provenance): string[] {
  return Object.entries(value).flatMap(([name, item]): string[] => {
    const at = [...path, name];
    const text = formatPath(at);
    if (item === undefined || item === null || known.includes(text) || (provenance[`spec.${text}`] ?? 'user') !== 'user') return [];
    const partly = known.some((field) => field.startsWith(`${text}.`));
    return partly && isPlainObject(item) ? idleFields(item, at, known, provenance) : [text];
  });
}
