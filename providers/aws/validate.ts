import { Findings } from '../../src/spec/findings.ts';
import { getPath } from '../../src/spec/path.ts';
import type { Cluster, CompletedCluster, Finding, InstanceGroup } from '../../src/spec/types.ts';
import { clusterSpec, groupSpec, usesServiceAccountRoles, usesTerminationQueue } from './aws-spec.ts';
import { checkBoot } from './bootstrap/boot-findings.ts';
import { queueName } from './model/events.ts';
import { parseS3Url } from './s3-url.ts';
import { validateAwsGroup } from './validate-group.ts';
import { checkCloudLabels } from './validate-labels.ts';
import { checkDisk } from './validate-volumes.ts';

const queueNameLimit = 80;
const policyArn = /^arn:[^:]+:iam::[^:]*:policy\/.+/;

/** AWS' own rules. Offline. */
export function validateAws({ cluster, instanceGroups }: CompletedCluster): Finding[] {
  const findings = new Findings(`Cluster/${cluster.metadata.name}`);
  checkNetwork(cluster, findings);
  checkAccess(cluster, findings);
  checkNames(cluster, findings);
  checkCloudLabels(cluster.spec.cloudLabels, findings);
  checkPolicies(cluster, findings);
  checkEtcdDisks(cluster, findings);
  checkIssuer(cluster, findings);
  checkAddons(cluster, findings);
  checkProfiles(instanceGroups, findings);
  checkBoot(cluster, instanceGroups, findings);
  return [...findings.list, ...instanceGroups.flatMap((group) => validateAwsGroup(cluster, group))];
}

/** Machines cost money from their first second; without their documents none of them becomes a node. */
export function validateAwsApply({ metadata, spec }: Cluster): Finding[] {
  const findings = new Findings(`Cluster/${metadata.name}`);
  const { configBase } = spec;
  const hint = 'keep the cluster in a bucket: --state s3://BUCKET';
  if (configBase === undefined) findings.error('spec.configBase', 'is required: instances read their documents there', hint);
  else if (!parseS3Url(configBase)) findings.error('spec.configBase', `instances cannot read ${configBase}: enough for a preview, not for a cluster that boots`, hint);
  return findings.list;
}

function checkNetwork({ spec }: Cluster, findings: Findings): void {
  if (spec.networkID !== undefined && !spec.networkID.startsWith('vpc-')) findings.error('spec.networkID', `${spec.networkID} is not the id of a VPC`, 'it begins with vpc-');
  const shared = (spec.subnets ?? []).some((subnet) => subnet.id !== undefined);
  if (shared && spec.networkID === undefined) findings.error('spec.networkID', 'is required for subnets that exist already', 'name the VPC they are in');
}

function checkAccess({ spec }: Cluster, findings: Findings): void {
  if ((spec.kubernetesApiAccess ?? []).length > 0) return;
  findings.warning('spec.kubernetesApiAccess', 'is empty: nobody outside the cluster reaches its API', 'name the blocks of those who may, for example 203.0.113.0/24');
}

/** Most names are cut where they are too long; a queue's is found by its name and is not. */
function checkNames(cluster: Cluster, findings: Findings): void {
  const { length } = queueName(cluster.metadata.name, 'nth');
  if (!usesTerminationQueue(clusterSpec(cluster)) || length <= queueNameLimit) return;
  findings.error(
    'metadata.name',
    `the name of the termination handler's queue would have ${length} characters, SQS takes ${queueNameLimit}`,
    'shorten it, or set spec.nodeTerminationHandler.enableSQSTerminationDraining to false',
  );
}

function checkPolicies(cluster: Cluster, findings: Findings): void {
  const { iam, externalPolicies } = clusterSpec(cluster);
  const check = (arn: string, path: string) => {
    if (!policyArn.test(arn)) findings.error(path, `${JSON.stringify(arn)} is not the ARN of a policy`, 'for example arn:aws:iam::123456789012:policy/name');
  };
  for (const [role, arns] of Object.entries(externalPolicies ?? {})) for (const [i, arn] of arns.entries()) check(arn, `spec.externalPolicies.${role}[${i}]`);
  if (iam?.permissionsBoundary !== undefined) check(iam.permissionsBoundary, 'spec.iam.permissionsBoundary');
}

function checkEtcdDisks({ spec }: Cluster, findings: Findings): void {
  for (const [i, etcd] of (spec.etcdClusters ?? []).entries()) {
    for (const [j, member] of (etcd.etcdMembers ?? []).entries()) {
      const { volumeType, volumeSize = 20, volumeIops, volumeThroughput } = member;
      const path = `spec.etcdClusters[${i}].etcdMembers[${j}]`;
      const names = { iops: `${path}.volumeIops`, throughput: `${path}.volumeThroughput` };
      checkDisk({ type: volumeType, size: volumeSize, iops: volumeIops, throughput: volumeThroughput }, names, findings);
    }
  }
}

function checkAddons({ spec }: Cluster, findings: Findings): void {
  if (getPath(spec, ['cloudConfig', 'awsEBSCSIDriver', 'enabled']) === false)
    findings.error('spec.cloudConfig.awsEBSCSIDriver.enabled', 'the EBS CSI driver cannot be left out', 'to run your own, set managed to false');
  if (getPath(spec, ['clusterAutoscaler', 'expander']) === 'price')
    findings.error('spec.clusterAutoscaler.expander', 'price is not for AWS', 'use least-waste, random, most-pods or priority');
}

/** AWS would believe tokens of the issuer, but there are none yet. */
function checkIssuer(cluster: Cluster, findings: Findings): void {
  const spec = clusterSpec(cluster);
  if (!spec.serviceAccountIssuerDiscovery && !usesServiceAccountRoles(spec)) return;
  const message = 'roles of service accounts are made, but pods cannot take them on: kops-ts publishes no keys there, and its API server signs as another issuer';
  findings.warning('spec.serviceAccountIssuerDiscovery', message, 'give pods keys in a Secret until then');
}

/** One profile is one role on AWS: it would give workers what control planes may do. */
function checkProfiles(groups: readonly InstanceGroup[], findings: Findings): void {
  const roles = new Map<string, string>();
  for (const group of groups) {
    const profile = groupSpec(group).iam?.profile;
    if (profile === undefined) continue;
    const other = roles.get(profile) ?? group.spec.role;
    if (other !== group.spec.role)
      findings.error('spec', `instance profile ${profile} is used by instance groups of roles ${other} and ${group.spec.role}`, 'give each role a profile of its own');
    roles.set(profile, other);
  }
}
