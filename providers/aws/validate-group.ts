import { parseDurationMs } from '../../src/lib/text.ts';
import { isKarpenterGroup } from '../../src/spec/complete-instance-group.ts';
import { Findings } from '../../src/spec/findings.ts';
import { hintFor } from '../../src/spec/schema.ts';
import type { Cluster, Finding, InstanceGroup } from '../../src/spec/types.ts';
import { type AwsGroupSpec, groupSpec } from './aws-spec.ts';
import { warmPoolOf } from './model/warm-pool.ts';
import { checkCloudLabels, checkNodeLabels } from './validate-labels.ts';
import { checkDisk, checkLeast } from './validate-volumes.ts';

const imageForms = /^(ami-[0-9a-f]+|ssm:.+|[^/]+\/.+|[^/:]+)$/;
const instanceProfileArn = /^arn:[^:]+:iam::\d+:instance-profile\/\S+$/;
const dayMs = 86_400_000;
const gpuFamily = /^(g|gr|p)\d/;
const processes = 'AZRebalance AddToLoadBalancer AlarmNotification HealthCheck InstanceRefresh Launch ReplaceUnhealthy ScheduledActions Terminate'.split(' ');

export function validateAwsGroup(cluster: Cluster, group: InstanceGroup): Finding[] {
  const findings = new Findings(`InstanceGroup/${group.metadata.name}`);
  const spec = groupSpec(group);
  checkReferences(spec, findings);
  checkLabels(spec, findings);
  checkSubnets(cluster, group, findings);
  checkLifetimes(spec, findings);
  checkSpot(spec, findings);
  checkDisks(spec, findings);
  checkGraphics(spec, findings);
  checkMixture(spec, findings);
  checkWarmPool(cluster, group, findings);
  checkManager(group, findings);
  return findings.list;
}

function checkReferences(spec: AwsGroupSpec, findings: Findings): void {
  if (spec.image !== undefined && !imageForms.test(spec.image))
    findings.error('spec.image', `${spec.image} is not the name of an image`, 'ami-…, ssm:PARAMETER, NAME or OWNER/NAME');
  const groups: [path: string, id: string][] = (spec.additionalSecurityGroups ?? []).map((id, i) => [`spec.additionalSecurityGroups[${i}]`, id]);
  if (spec.securityGroupOverride !== undefined) groups.push(['spec.securityGroupOverride', spec.securityGroupOverride]);
  for (const [path, id] of groups) if (!id.startsWith('sg-')) findings.error(path, `${JSON.stringify(id)} is not the id of a security group`, 'it begins with sg-');
  const profile = spec.iam?.profile;
  if (profile !== undefined && !instanceProfileArn.test(profile))
    findings.error('spec.iam.profile', `${JSON.stringify(profile)} is not the ARN of an instance profile`, 'for example arn:aws:iam::123456789012:instance-profile/name');
}

function checkLabels(spec: AwsGroupSpec, findings: Findings): void {
  checkCloudLabels(spec.cloudLabels, findings);
  checkNodeLabels(spec.nodeLabels, 'spec.nodeLabels', findings);
  checkNodeLabels(spec.kubelet?.nodeLabels as Record<string, string> | undefined, 'spec.kubelet.nodeLabels', findings);
}

/** Machines of one group are either open or not; a control plane must find its disks, which are in one zone. */
function checkSubnets(cluster: Cluster, group: InstanceGroup, findings: Findings): void {
  const subnets = (cluster.spec.subnets ?? []).filter(({ name }) => group.spec.subnets?.includes(name));
  const [types, zones] = [new Set(subnets.map(({ type }) => type)), new Set(subnets.map(({ zone }) => zone))];
  if (group.spec.role === 'Master' && zones.size > 1)
    findings.error('spec.subnets', `are in zones ${[...zones].join(', ')}, but a disk of etcd is in one`, 'make an instance group for each zone');
  if (types.size > 1) findings.error('spec.subnets', `are of different types: ${[...types].join(', ')}`, 'make an instance group for each type');
}

function checkLifetimes(spec: AwsGroupSpec, findings: Findings): void {
  const { maxInstanceLifetime: text, spotDurationInMinutes: minutes } = spec;
  const lifetimeMs = text === undefined ? 0 : parseDurationMs(text);
  if (lifetimeMs === undefined) findings.error('spec.maxInstanceLifetime', `${JSON.stringify(text)} is not a duration`, 'for example 168h');
  else if (lifetimeMs > 0 && lifetimeMs < dayMs) findings.error('spec.maxInstanceLifetime', `${text} is less than a day`, '0, or 24h and more');
  if (minutes !== undefined && (minutes % 60 !== 0 || minutes < 60 || minutes > 360))
    findings.error('spec.spotDurationInMinutes', `must be 60, 120, 180, 240, 300 or 360, not ${minutes}`);
  for (const [i, name] of (spec.suspendProcesses ?? []).entries())
    if (!processes.includes(name)) findings.error(`spec.suspendProcesses[${i}]`, `${JSON.stringify(name)} is not a process of Auto Scaling`, hintFor(name, processes));
}

/** What EC2 once sold, or sells outside of Auto Scaling alone; kops passes both on. */
function checkSpot({ maxPrice, spotDurationInMinutes, instanceInterruptionBehavior: behavior }: AwsGroupSpec, findings: Findings): void {
  if (!maxPrice) return;
  if (spotDurationInMinutes !== undefined)
    findings.warning('spec.spotDurationInMinutes', 'EC2 sells no spot instances of a fixed duration any more: it may refuse to launch', 'leave it out');
  if (behavior !== undefined && behavior !== 'terminate')
    findings.warning('spec.instanceInterruptionBehavior', `${behavior} is for persistent spot requests, which Auto Scaling does not make: EC2 may refuse to launch`, 'terminate');
}

function checkDisks(spec: AwsGroupSpec, findings: Findings): void {
  const root = { type: spec.rootVolumeType, size: spec.rootVolumeSize, iops: spec.rootVolumeIops, throughput: spec.rootVolumeThroughput };
  checkDisk(root, { iops: 'spec.rootVolumeIops', throughput: 'spec.rootVolumeThroughput' }, findings);
  for (const [i, { type, size, iops, throughput }] of (spec.volumes ?? []).entries()) {
    const paths = { iops: `spec.volumes[${i}].iops`, throughput: `spec.volumes[${i}].throughput` };
    checkDisk({ type, size, iops, throughput }, paths, findings);
    checkLeast({ type, size, iops, throughput }, paths, findings);
  }
}

/** Drivers for graphics processors are installed on all machines of a group, or on none. */
function checkGraphics({ mixedInstancesPolicy: policy, machineType }: AwsGroupSpec, findings: Findings): void {
  const types = [...new Set([...(machineType?.split(',') ?? []), ...(policy?.instances ?? [])])];
  const withGpu = types.filter((type) => gpuFamily.test(type));
  if (withGpu.length > 0 && withGpu.length < types.length)
    findings.error('spec.mixedInstancesPolicy.instances', `machine types with and without graphics processors cannot be mixed: ${withGpu.join(', ')} have them`);
}

function checkMixture({ mixedInstancesPolicy: policy }: AwsGroupSpec, findings: Findings): void {
  if (policy?.instanceRequirements && policy.instances?.length)
    findings.error('spec.mixedInstancesPolicy.instances', 'cannot be used with instanceRequirements', 'name machine types, or say what they must have');
}

function checkWarmPool(cluster: Cluster, group: InstanceGroup, findings: Findings): void {
  const spec = groupSpec(group);
  if (spec.warmPool !== undefined || !warmPoolOf(cluster, group) || !spec.maxPrice) return;
  findings.error('spec.warmPool', "the cluster's warm pool cannot be used with spot instances", 'set spec.warmPool.maxSize of this group to 0');
}

function checkManager(group: InstanceGroup, findings: Findings): void {
  if (isKarpenterGroup(group))
    findings.warning(
      'spec.manager',
      'kops-ts does not run Karpenter: this group has its permissions and its queue on AWS, but no machines until you install Karpenter',
      'or leave manager out and give minSize and maxSize',
    );
}
