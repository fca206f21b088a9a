import type { Findings } from '../findings.ts';
import type { Cluster, InstanceGroup } from '../types.ts';

type Fields = Record<string, unknown>;

export const volumeTypes = ['standard', 'gp2', 'gp3', 'io1', 'io2'];
const filesystems = ['btrfs', 'ext4', 'xfs'];
const userDataTypes = [
  'text/x-include-once-url',
  'text/x-include-url',
  'text/cloud-config-archive',
  'text/upstart-job',
  'text/cloud-config',
  'text/part-handler',
  'text/x-shellscript',
  'text/cloud-boothook',
];

/** What is put on machines: hooks, files, kernel parameters. */
export function checkHosts({ spec }: Cluster | InstanceGroup, findings: Findings): void {
  for (const [i, hook] of list(spec.hooks)) checkHook(hook, `spec.hooks[${i}]`, findings);
  for (const [i, asset] of list(spec.fileAssets)) for (const name of ['name', 'content']) if (!asset[name]) findings.error(`spec.fileAssets[${i}].${name}`, 'is required');
  for (const [i, text] of ((spec.sysctlParameters as string[] | undefined) ?? []).entries())
    if (!text.includes('=')) findings.error(`spec.sysctlParameters[${i}]`, `${JSON.stringify(text)} has no value`, 'write it as name=value');
}

/** What only instance groups have: disks, user data, load balancers of others. */
export function checkMachines({ spec }: InstanceGroup, findings: Findings): void {
  for (const [i, volume] of list(spec.volumes)) checkVolume(volume, `spec.volumes[${i}]`, findings);
  for (const [i, mount] of list(spec.volumeMounts)) checkMount(mount, `spec.volumeMounts[${i}]`, findings);
  checkDuplicates(list(spec.volumes), 'device', 'spec.volumes', findings);
  checkDuplicates(list(spec.volumeMounts), 'path', 'spec.volumeMounts', findings);
  for (const [i, data] of list(spec.additionalUserData)) {
    for (const name of ['name', 'content']) if (!data[name]) findings.error(`spec.additionalUserData[${i}].${name}`, 'is required');
    if (!userDataTypes.includes(String(data.type)))
      findings.error(`spec.additionalUserData[${i}].type`, `${JSON.stringify(data.type ?? '')} is not a type of user data`, `one of ${userDataTypes.join(', ')}`);
  }
  checkExternalBalancers(spec, findings);
}

function checkVolume(volume: Fields, path: string, findings: Findings): void {
  if (!volume.device) findings.error(`${path}.device`, 'is required');
  if (!(Number(volume.size) > 0)) findings.error(`${path}.size`, 'must be more than 0');
  for (const name of ['iops', 'throughput']) if (volume[name] !== undefined && !(Number(volume[name]) > 0)) findings.error(`${path}.${name}`, 'must be more than 0');
  if (volume.type !== undefined && !volumeTypes.includes(String(volume.type)))
    findings.error(`${path}.type`, `must be one of ${volumeTypes.join(', ')}, not ${JSON.stringify(volume.type)}`);
}

function checkExternalBalancers(spec: InstanceGroup['spec'], findings: Findings): void {
  for (const [i, balancer] of list(spec.externalLoadBalancers)) {
    const { loadBalancerName: name, targetGroupArn: arn } = balancer;
    if (name === undefined && arn === undefined) findings.error(`spec.externalLoadBalancers[${i}]`, 'needs a loadBalancerName or a targetGroupArn');
    if (typeof name === 'string' && name.length > 32) findings.error(`spec.externalLoadBalancers[${i}].loadBalancerName`, 'may have 32 characters at most');
    if (typeof arn === 'string' && !/^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:targetgroup\/[^/]+\/[^/]+$/.test(arn))
      findings.error(`spec.externalLoadBalancers[${i}].targetGroupArn`, `${JSON.stringify(arn)} is not the ARN of a target group`);
  }
}

function checkHook(hook: Fields, path: string, findings: Findings): void {
  const container = hook.execContainer as Fields | undefined;
  if (hook.disabled === true) return;
  if (hook.manifest === undefined && container === undefined) findings.error(path, 'needs a manifest or an execContainer');
  if (hook.useRawManifest === true && (container !== undefined || hook.before !== undefined || hook.requires !== undefined))
    findings.error(`${path}.useRawManifest`, 'excludes execContainer, before and requires');
  if (container && !container.image) findings.error(`${path}.execContainer.image`, 'is required');
}

function checkMount(mount: Fields, path: string, findings: Findings): void {
  for (const name of ['device', 'path']) if (!mount[name]) findings.error(`${path}.${name}`, 'is required');
  if (!filesystems.includes(String(mount.filesystem)))
    findings.error(`${path}.filesystem`, `must be one of ${filesystems.join(', ')}, not ${JSON.stringify(mount.filesystem ?? '')}`);
}

function checkDuplicates(items: readonly [number, Fields][], key: string, path: string, findings: Findings): void {
  const seen = new Set<unknown>();
  for (const [i, item] of items) {
    if (item[key] !== undefined && seen.has(item[key])) findings.error(`${path}[${i}].${key}`, `${item[key]} is used twice`);
    seen.add(item[key]);
  }
}

function list(value: unknown): [number, Fields][] {
  return [...((value as Fields[] | undefined) ?? []).entries()];
}
