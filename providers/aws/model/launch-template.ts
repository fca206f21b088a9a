import { type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import type { InstanceGroup } from '../../../src/spec/types.ts';
import type { AwsAttributes, Id } from '../attributes.ts';
import { groupSpec } from '../aws-spec.ts';
import { awsUserData } from '../bootstrap/user-data.ts';
import { blockDevices } from './block-devices.ts';
import { type AwsContext, resource, usesApiLoadBalancer } from './context.ts';
import { groupTags } from './group-tags.ts';
import { instanceProfileName } from './iam.ts';
import { groupSubnets, hasApiServer, scalingGroups } from './instance-groups.ts';
import { keyName } from './key-pair.ts';
import { instanceGroupName, securityGroupName } from './names.ts';

/** What each machine of a group is like. */
export function launchTemplates(context: AwsContext): DesiredResource[] {
  const userData = awsUserData(context.input);
  return scalingGroups(context).map((group) => launchTemplate(context, group, userData[group.metadata.name]));
}

function launchTemplate(context: AwsContext, group: InstanceGroup, userData: string | undefined): DesiredResource {
  const spec = groupSpec(group);
  const name = instanceGroupName(group, context.name);
  const instanceType = (spec.machineType ?? '').split(',')[0] ?? '';
  const attributes: AwsAttributes['LaunchTemplate'] = {
    launchTemplateName: name,
    imageId: context.facts.images?.[spec.image ?? '']?.id ?? spec.image ?? '',
    instanceType,
    keyName: keyName(context),
    iamInstanceProfileName: instanceProfileName(context, group),
    blockDeviceMappings: blockDevices(context, group, instanceType),
    ebsOptimized: spec.rootVolumeOptimization,
    creditSpecification: spec.cpuCredits ? { cpuCredits: spec.cpuCredits } : undefined,
    marketOptions: marketOptions(group),
    metadataOptions: metadataOptions(context, group),
    monitoring: spec.detailedInstanceMonitoring ?? false,
    placementTenancy: spec.tenancy,
    networkInterface: networkInterface(context, group),
    tags: groupTags(context, group),
    userData,
  };
  return resource('LaunchTemplate', name, attributes, { instanceGroup: group.metadata.name });
}

/** AWS takes the price of a mixed group from the group, and refuses a template that has one too. */
function marketOptions(group: InstanceGroup): AwsAttributes['LaunchTemplate']['marketOptions'] {
  const { maxPrice, mixedInstancesPolicy, spotDurationInMinutes, instanceInterruptionBehavior } = groupSpec(group);
  if (!maxPrice || mixedInstancesPolicy) return undefined;
  return {
    marketType: 'spot',
    maxPrice,
    ...(spotDurationInMinutes === undefined ? {} : { blockDurationMinutes: spotDurationInMinutes }),
    ...(instanceInterruptionBehavior === undefined ? {} : { instanceInterruptionBehavior }),
  };
}

function metadataOptions(context: AwsContext, group: InstanceGroup): AwsAttributes['LaunchTemplate']['metadataOptions'] {
  const { httpPutResponseHopLimit = 1, httpTokens = 'required' } = groupSpec(group).instanceMetadata ?? {};
  return { httpEndpoint: 'enabled', httpProtocolIpv6: hasIpv6(context, group) ? 'enabled' : 'disabled', httpPutResponseHopLimit, httpTokens };
}

function networkInterface(context: AwsContext, group: InstanceGroup): AwsAttributes['LaunchTemplate']['networkInterface'] {
  const type = groupSubnets(context, group)[0]?.type;
  const open = type === 'Public' || type === 'Utility';
  return {
    associatePublicIpAddress: open && (group.spec.associatePublicIp ?? true),
    ipv6AddressCount: hasIpv6(context, group) ? 1 : 0,
    deleteOnTermination: true,
    securityGroupIds: securityGroups(context, group),
  };
}

function hasIpv6(context: AwsContext, group: InstanceGroup): boolean {
  return groupSubnets(context, group).some(({ ipv6CIDR }) => Boolean(ipv6CIDR));
}

/** The role's own, or one instead of it; then those that clients of the API come through; then what the user adds. */
function securityGroups(context: AwsContext, group: InstanceGroup): Id[] {
  const spec = groupSpec(group);
  const api = hasApiServer(group) && usesApiLoadBalancer(context) ? context.spec.api?.loadBalancer?.additionalSecurityGroups : undefined;
  return [
    spec.securityGroupOverride ?? ref('SecurityGroup', securityGroupName(spec.role, context.name)),
    ...((api as readonly string[] | undefined) ?? []),
    ...(spec.additionalSecurityGroups ?? []),
  ];
}
