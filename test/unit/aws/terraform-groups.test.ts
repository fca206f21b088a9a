import { describe, expect, it } from 'vitest';
import type { AwsKindName } from '../../../providers/aws/attributes.ts';
import { terraformForms } from '../../../providers/aws/terraform/index.ts';
import { ref } from '../../../src/cloud/resource.ts';
import { clusterName, modelOf, type Wish } from './model-of.ts';

/** The block of one resource: its address and its arguments, with references left as they are. */
function blockOf(kind: AwsKindName, name: string, wish: Wish): { address: string; body: Record<string, unknown> } {
  const resource = modelOf(wish).find((candidate) => candidate.kind === kind && candidate.name === name);
  if (!resource) throw new Error(`there is no ${kind} ${name}`);
  const { type, localName, body } = terraformForms[kind];
  return { address: `${type}.${localName(resource)}`, body: body(resource) as Record<string, unknown> };
}

const workers = `workers.${clusterName}`;

describe('Terraform of groups', () => {
  it('a launch template has a block for each thing that is set', () => {
    const nodes = { cpuCredits: 'standard', tenancy: 'dedicated', maxPrice: '0.3', spotDurationInMinutes: 60, rootVolumeEncryptionKey: 'k', rootVolumeOptimization: true };
    const { address, body } = blockOf('LaunchTemplate', workers, { nodes, cluster: { sshKeyName: 'ours' } });
    expect(address).toBe('aws_launch_template.workers-shop-example-com');
    expect(body).toMatchObject({
      block_device_mappings: [
        { device_name: '/dev/sda1', ebs: [{ delete_on_termination: true, encrypted: true, iops: 3000, kms_key_id: 'k', throughput: 125, volume_size: 128, volume_type: 'gp3' }] },
      ],
      credit_specification: [{ cpu_credits: 'standard' }],
      ebs_optimized: true,
      iam_instance_profile: [{ name: ref('IAMInstanceProfile', `nodes.${clusterName}`) }],
      instance_market_options: [{ market_type: 'spot', spot_options: [{ block_duration_minutes: 60, max_price: '0.3' }] }],
      key_name: 'ours',
      lifecycle: [{ create_before_destroy: true }],
      placement: [{ tenancy: 'dedicated' }],
      user_data: { $file: { name: `aws_launch_template_${workers}_user_data`, content: '# workers\n', base64: true } },
    });
    expect((body.tag_specifications as { resource_type: string }[]).map(({ resource_type }) => resource_type)).toEqual(['instance', 'volume', 'network-interface']);
  });

  it('a group has either a launch template or a policy with one', () => {
    const template = { id: ref('LaunchTemplate', workers), version: ref('LaunchTemplate', workers, 'latestVersion') };
    expect(blockOf('AutoscalingGroup', workers, {}).body).toMatchObject({ launch_template: [template] });
    const mixedInstancesPolicy = {
      instanceRequirements: { cpu: { min: 2, max: 4 }, memory: { min: '4G' } },
      onDemandBase: 1,
      onDemandAllocationStrategy: 'prioritized',
    };
    const { body } = blockOf('AutoscalingGroup', workers, { nodes: { mixedInstancesPolicy } });
    expect(body).not.toHaveProperty('launch_template');
    expect(body.mixed_instances_policy).toEqual([
      {
        instances_distribution: [{ on_demand_allocation_strategy: 'prioritized', on_demand_base_capacity: 1, spot_max_price: '' }],
        launch_template: [
          {
            launch_template_specification: [{ launch_template_id: template.id, version: template.version }],
            override: [{ instance_requirements: [{ burstable_performance: 'included', memory_mib: [{ min: 4000 }], vcpu_count: [{ max: 4, min: 2 }] }] }],
          },
        ],
      },
    ]);
    const types = { mixedInstancesPolicy: { instances: ['m5.large', 'm5a.large'] } };
    expect(blockOf('AutoscalingGroup', workers, { nodes: types }).body).toMatchObject({
      mixed_instances_policy: [{ launch_template: [{ override: [{ instance_type: 'm5.large' }, { instance_type: 'm5a.large' }] }] }],
    });
  });

  it('firewalls and target groups have the order of kops', () => {
    const arn = (name: string) => `arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/${name}/0123`;
    const controlPlane = { additionalSecurityGroups: ['sg-9', 'sg-1'], externalLoadBalancers: [{ targetGroupArn: arn('zoo') }, { targetGroupArn: arn('ape') }] };
    const wish = { controlPlane, cluster: { api: { loadBalancer: { class: 'Network', type: 'Public', additionalSecurityGroups: ['sg-5'] } } } };
    const name = `cp.masters.${clusterName}`;
    const [network] = blockOf('LaunchTemplate', name, wish).body.network_interfaces as { security_groups: unknown }[];
    expect(network?.security_groups).toEqual([ref('SecurityGroup', `masters.${clusterName}`), 'sg-1', 'sg-5', 'sg-9']);
    expect(blockOf('AutoscalingGroup', name, wish).body.target_group_arns).toEqual([
      arn('ape'),
      arn('zoo'),
      ref('TargetGroup', expect.stringMatching(/^tcp-/) as unknown as string),
    ]);
  });

  it('a group says nothing of what it has not', () => {
    const { body } = blockOf('AutoscalingGroup', workers, {});
    for (const absent of ['load_balancers', 'target_group_arns', 'suspended_processes', 'warm_pool', 'capacity_rebalance', 'mixed_instances_policy'])
      expect(body).not.toHaveProperty(absent);
    const nodes = { warmPool: { maxSize: 3 }, suspendProcesses: ['AZRebalance'], externalLoadBalancers: [{ loadBalancerName: 'old' }], capacityRebalance: false };
    expect(blockOf('AutoscalingGroup', workers, { nodes }).body).toMatchObject({
      warm_pool: [{ max_group_prepared_capacity: 3, min_size: 0 }],
      suspended_processes: ['AZRebalance'],
      load_balancers: ['old'],
      capacity_rebalance: false,
    });
  });
});

describe('Terraform of roles', () => {
  const policyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

  it('attachments are named for whom they are, and by a hash of the policy', () => {
    const serviceAccountExternalPermissions = [{ name: 'app', namespace: 'default', aws: { policyARNs: [policyArn] } }];
    const wish = { cluster: { externalPolicies: { 'control-plane': [policyArn], node: [policyArn] }, iam: { serviceAccountExternalPermissions } } };
    const addressOf = (role: string) => blockOf('IAMRolePolicyAttachment', `${role}:${policyArn}`, wish).address;
    const hash = 3_204_986_620;
    expect(addressOf(`masters.${clusterName}`)).toBe(`aws_iam_role_policy_attachment.master-policyoverride-${hash}`);
    expect(addressOf(`nodes.${clusterName}`)).toBe(`aws_iam_role_policy_attachment.node-policyoverride-${hash}`);
    const domain = 'k8s.sa.example.com';
    expect(blockOf('IAMRolePolicyAttachment', `nodes.${domain}:${policyArn}`, { ...wish, name: domain }).address).toContain('.node-policyoverride-');
    expect(addressOf(`app.default.sa.${clusterName}`)).toBe(`aws_iam_role_policy_attachment.external-app-default-sa-shop-example-com-${hash}`);
  });

  it('documents and keys have files of their own', () => {
    const sshPublicKeys = ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAZ2qBpazEFRbvb3PhLvuUW+xhaBY97k6JfKmZnQL5fD me@here'];
    const name = `kubernetes.${clusterName}-85:9f:8d:67:17:81:84:5d:2f:57:b2:52:39:d4:ae:bb`;
    const key = blockOf('KeyPair', name, { input: { sshPublicKeys } });
    expect(key.address).toBe('aws_key_pair.kubernetes-shop-example-com-859f8d671781845d2f57b25239d4aebb');
    expect(key.body.public_key).toEqual({ $file: { name: `aws_key_pair_kubernetes.${clusterName}-859f8d671781845d2f57b25239d4aebb_public_key`, content: sshPublicKeys[0] } });
    const files = [
      blockOf('IAMRole', `masters.${clusterName}`, {}).body.assume_role_policy,
      blockOf('IAMRolePolicy', `masters.${clusterName}`, {}).body.policy,
      blockOf('SQSQueue', 'shop-example-com-nth', {}).body.policy,
      blockOf('EventBridgeRule', `${clusterName}-ASGLifecycle`, {}).body.event_pattern,
    ] as { $file: { name: string; content: string } }[];
    expect(files.map(({ $file }) => $file.name)).toEqual([
      `aws_iam_role_masters.${clusterName}_policy`,
      `aws_iam_role_policy_masters.${clusterName}_policy`,
      'aws_sqs_queue_shop-example-com-nth_policy',
      `aws_cloudwatch_event_rule_${clusterName}-ASGLifecycle_event_pattern`,
    ]);
    for (const { $file } of files) expect(() => JSON.parse($file.content), $file.name).not.toThrow();
  });
});
