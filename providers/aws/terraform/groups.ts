import type { TerraformValue } from '../../../src/cloud/provider.ts';
import type { AwsAttributes, BlockDeviceMapping, InstanceRequirements } from '../attributes.ts';
import { block, form, sortedIds, withOwnFirst } from './form.ts';

type Group = AwsAttributes['AutoscalingGroup'];
type Template = AwsAttributes['LaunchTemplate'];

export const groupForms = {
  LaunchTemplate: form(
    'LaunchTemplate',
    'aws_launch_template',
    (template, name) => ({
      block_device_mappings: template.blockDeviceMappings.map(blockDevice),
      credit_specification: block(template.creditSpecification && { cpu_credits: template.creditSpecification.cpuCredits }),
      ebs_optimized: template.ebsOptimized,
      iam_instance_profile: block({ name: template.iamInstanceProfileName }),
      image_id: template.imageId,
      instance_market_options: marketOptions(template),
      instance_type: template.instanceType,
      key_name: template.keyName,
      // A group must have a template at any moment.
      lifecycle: block({ create_before_destroy: true }),
      metadata_options: block({
        http_endpoint: template.metadataOptions.httpEndpoint,
        http_protocol_ipv6: template.metadataOptions.httpProtocolIpv6,
        http_put_response_hop_limit: template.metadataOptions.httpPutResponseHopLimit,
        http_tokens: template.metadataOptions.httpTokens,
      }),
      monitoring: block({ enabled: template.monitoring }),
      name: template.launchTemplateName,
      network_interfaces: block({
        associate_public_ip_address: template.networkInterface.associatePublicIpAddress,
        delete_on_termination: template.networkInterface.deleteOnTermination,
        ipv6_address_count: template.networkInterface.ipv6AddressCount,
        security_groups: withOwnFirst(template.networkInterface.securityGroupIds),
      }),
      placement: block(template.placementTenancy === undefined ? undefined : { tenancy: template.placementTenancy }),
      tag_specifications: ['instance', 'volume', 'network-interface'].map((type) => ({ resource_type: type, tags: template.tags })),
      tags: template.tags,
      user_data: template.userData === undefined ? undefined : { $file: { name: `aws_launch_template_${name}_user_data`, content: template.userData, base64: true } },
    }),
    { outputs: { id: 'id', latestVersion: 'latest_version' } },
  ),
  AutoscalingGroup: form('AutoscalingGroup', 'aws_autoscaling_group', (group) => ({
    capacity_rebalance: group.capacityRebalance,
    enabled_metrics: group.enabledMetrics,
    launch_template: block(isMixed(group) ? undefined : { id: group.launchTemplate.id, version: group.launchTemplate.version }),
    load_balancers: unlessEmpty(group.loadBalancerNames),
    max_instance_lifetime: group.maxInstanceLifetime,
    max_size: group.maxSize,
    metrics_granularity: group.metricsGranularity,
    min_size: group.minSize,
    mixed_instances_policy: mixedInstancesPolicy(group),
    name: group.autoScalingGroupName,
    protect_from_scale_in: group.newInstancesProtectedFromScaleIn,
    suspended_processes: unlessEmpty(group.suspendedProcesses),
    tag: Object.keys(group.tags)
      .sort()
      .map((key) => ({ key, propagate_at_launch: true, value: group.tags[key] ?? '' })),
    target_group_arns: unlessEmpty(sortedIds(group.targetGroupArns)),
    vpc_zone_identifier: group.subnetIds,
    warm_pool: block(group.warmPool && { max_group_prepared_capacity: group.warmPool.maxGroupPreparedCapacity, min_size: group.warmPool.minSize }),
  })),
  AutoscalingLifecycleHook: form(
    'AutoscalingLifecycleHook',
    'aws_autoscaling_lifecycle_hook',
    (hook) => ({
      autoscaling_group_name: hook.autoScalingGroupName,
      default_result: hook.defaultResult,
      heartbeat_timeout: hook.heartbeatTimeout,
      lifecycle_transition: hook.lifecycleTransition,
      name: hook.lifecycleHookName,
    }),
    { outputs: {} },
  ),
};

function blockDevice({ deviceName, virtualName, ebs }: BlockDeviceMapping): TerraformValue {
  if (!ebs) return { device_name: deviceName, virtual_name: virtualName ?? '' };
  const { deleteOnTermination, encrypted, iops, kmsKeyId, throughput, volumeSize, volumeType } = ebs;
  return {
    device_name: deviceName,
    ebs:
      block({
        delete_on_termination: deleteOnTermination,
        encrypted,
        iops,
        kms_key_id: kmsKeyId,
        throughput,
        volume_size: volumeSize,
        volume_type: volumeType,
      }) ?? [],
  };
}

function marketOptions({ marketOptions: options }: Template) {
  if (!options) return undefined;
  const { marketType, maxPrice, blockDurationMinutes, instanceInterruptionBehavior } = options;
  const spot = block({ block_duration_minutes: blockDurationMinutes, instance_interruption_behavior: instanceInterruptionBehavior, max_price: maxPrice });
  return block({ market_type: marketType, spot_options: spot });
}

function isMixed({ overrideInstanceTypes, instanceRequirements }: Group): boolean {
  return overrideInstanceTypes !== undefined || instanceRequirements !== undefined;
}

function mixedInstancesPolicy(group: Group) {
  if (!isMixed(group)) return undefined;
  const { launchTemplate, overrideInstanceTypes = [], instanceRequirements } = group;
  const types = overrideInstanceTypes.map((type) => ({ instance_type: type }));
  return block({
    instances_distribution: block({
      on_demand_allocation_strategy: group.onDemandAllocationStrategy,
      on_demand_base_capacity: group.onDemandBaseCapacity,
      on_demand_percentage_above_base_capacity: group.onDemandPercentageAboveBaseCapacity,
      spot_allocation_strategy: group.spotAllocationStrategy,
      spot_instance_pools: group.spotInstancePools,
      spot_max_price: group.spotMaxPrice,
    }),
    launch_template: block({
      launch_template_specification: block({ launch_template_id: launchTemplate.id, version: launchTemplate.version }),
      override: instanceRequirements ? block({ instance_requirements: requirements(instanceRequirements) }) : unlessEmpty(types),
    }),
  });
}

function requirements({ vCpuCount, memoryMiB, excludedInstanceTypes }: InstanceRequirements) {
  const amounts = { memory_mib: block({ ...memoryMiB }), vcpu_count: block({ ...vCpuCount }) };
  return block({ burstable_performance: 'included', excluded_instance_types: excludedInstanceTypes, ...amounts });
}

function unlessEmpty<Value>(values: readonly Value[]): readonly Value[] | undefined {
  return values.length === 0 ? undefined : values;
}
