import { describe, expect, it } from 'vitest';
import { ref } from '../../../src/cloud/resource.ts';
import { attributesOf, clusterName, completedOf, findingsOf, groupOfModel, modelOf, namesOf } from './model-of.ts';

const balancer = { api: { loadBalancer: { class: 'Network', type: 'Public' } } };

describe('Auto Scaling groups', () => {
  it('have the sizes, subnets and limits of the spec', () => {
    const nodes = {
      minSize: 2,
      maxSize: 7,
      subnets: ['b', 'a'],
      instanceProtection: true,
      capacityRebalance: true,
      maxInstanceLifetime: '48h20m',
      suspendProcesses: ['Launch', 'AZRebalance'],
    };
    expect(groupOfModel({ nodes })).toMatchObject({
      launchTemplate: { id: ref('LaunchTemplate', `workers.${clusterName}`), version: ref('LaunchTemplate', `workers.${clusterName}`, 'latestVersion') },
      minSize: 2,
      maxSize: 7,
      subnetIds: [ref('Subnet', `b.${clusterName}`), ref('Subnet', `a.${clusterName}`)],
      newInstancesProtectedFromScaleIn: true,
      capacityRebalance: true,
      maxInstanceLifetime: 174_000,
      suspendedProcesses: ['Launch', 'AZRebalance'],
    });
    const plain = groupOfModel();
    expect(plain).toMatchObject({ newInstancesProtectedFromScaleIn: false, maxInstanceLifetime: 0, suspendedProcesses: [], targetGroupArns: [], loadBalancerNames: [] });
    expect(plain.enabledMetrics).toHaveLength(8);
    for (const absent of ['capacityRebalance', 'warmPool', 'overrideInstanceTypes', 'spotMaxPrice']) expect(plain).not.toHaveProperty(absent);
  });

  it.each([
    ['workers', 'Node', {}, ['a', 'b', 'inner']],
    ['API servers', 'APIServer', {}, ['a', 'b', 'inner']],
    ['API servers that need addresses of both families', 'APIServer', { nonMasqueradeCIDR: '::/0' }, ['a', 'b', 'six']],
  ])('%s are two, and where they can be, when nothing is said', (_name, role, cluster, subnets) => {
    const { spec } = completedOf({ cluster, more: { some: { role, subnets: undefined } } }).instanceGroups.find(({ metadata }) => metadata.name === 'some') ?? {};
    expect(spec).toMatchObject({ minSize: 2, maxSize: 2, subnets });
  });

  it('are in subnets that exist already by their ids', () => {
    const subnets = [{ name: 'a', type: 'Public', zone: 'eu-west-1a', id: 'subnet-0a', cidr: '10.1.0.0/20' }];
    expect(groupOfModel({ cluster: { networkID: 'vpc-1', subnets } }).subnetIds).toEqual(['subnet-0a']);
  });

  const targets: [string, Record<string, unknown>, string, RegExp[]][] = [
    ['without a load balancer', { api: { dns: {} } }, 'cp.masters', []],
    ['control planes behind one', balancer, 'cp.masters', [/^tcp-/]],
    ['control planes without DNS', { ...balancer, topology: { dns: { type: 'None' } } }, 'cp.masters', [/^kops-controller-/, /^tcp-/]],
    [
      'control planes with etcd for cilium',
      { ...balancer, topology: { dns: { type: 'None' } }, networking: { cilium: { etcdManaged: true } } },
      'cp.masters',
      [/^etcd-cilium-/, /^kops-controller-/, /^tcp-/],
    ],
    ['with a certificate', { api: { loadBalancer: { ...balancer.api.loadBalancer, sslCertificate: 'arn:aws:acm:1' } } }, 'cp.masters', [/^tcp-/, /^tls-/]],
    ['API servers', { ...balancer, topology: { dns: { type: 'None' } } }, 'apis.apiservers', [/^tcp-/]],
    ['workers', balancer, 'workers', []],
    ['bastions', {}, 'hosts', [/^bastion-/]],
  ];
  it.each(targets)('%s serve their target groups', (_name, cluster, group, patterns) => {
    const more = { apis: { role: 'APIServer' }, hosts: { role: 'Bastion', subnets: ['outer'] } };
    const arns = groupOfModel({ cluster, more }, `${group}.${clusterName}`).targetGroupArns.map((arn: ReturnType<typeof ref>) => arn.$ref.name);
    expect(arns.sort()).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
  });

  it('are attached to what the user has', () => {
    const arn = (name: string) => `arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/${name}/0123`;
    const controlPlane = { externalLoadBalancers: [{ targetGroupArn: arn('zoo') }, { loadBalancerName: 'two' }, { targetGroupArn: arn('ape') }, { loadBalancerName: 'one' }] };
    const group = groupOfModel({ cluster: balancer, controlPlane }, `cp.masters.${clusterName}`);
    expect(group.targetGroupArns).toEqual([ref('TargetGroup', expect.stringMatching(/^tcp-/) as unknown as string), arn('zoo'), arn('ape')]);
    expect(group.loadBalancerNames).toEqual(['one', 'two']);
  });
});

describe('mixed instances', () => {
  it('say what the spec says, and leave the rest to AWS', () => {
    const nodes = {
      maxPrice: '0.2',
      mixedInstancesPolicy: { instances: ['m5.large', 'm5a.large'], onDemandBase: 0, onDemandAboveBase: 25, spotAllocationStrategy: 'capacity-optimized', spotInstancePools: 3 },
    };
    const group = groupOfModel({ nodes });
    expect(group).toMatchObject({
      overrideInstanceTypes: ['m5.large', 'm5a.large'],
      onDemandBaseCapacity: 0,
      onDemandPercentageAboveBaseCapacity: 25,
      spotAllocationStrategy: 'capacity-optimized',
      spotInstancePools: 3,
      spotMaxPrice: '0.2',
    });
    expect(group).not.toHaveProperty('onDemandAllocationStrategy');
    expect(groupOfModel({ nodes: { mixedInstancesPolicy: {} } })).toMatchObject({ overrideInstanceTypes: [], spotMaxPrice: '' });
  });

  const anyAmount = { vCpuCount: { min: 0 }, memoryMiB: { min: 0 } };
  const requirements: [string, object, object][] = [
    ['both ends', { cpu: { min: '2', max: 16 }, memory: { min: '2G', max: '8G' } }, { vCpuCount: { min: 2, max: 16 }, memoryMiB: { min: 2000, max: 8000 } }],
    ['rounded up', { memory: { min: '2Gi' } }, { vCpuCount: { min: 0 }, memoryMiB: { min: 2148 } }],
    ['types that are not wanted', { excludedInstanceTypes: ['t2.*', 'a1.large'] }, { ...anyAmount, excludedInstanceTypes: ['a1.large', 't2.*'] }],
    ['nothing', {}, anyAmount],
  ];
  it.each(requirements)('requirements: %s', (_name, instanceRequirements, expected) => {
    expect(groupOfModel({ nodes: { mixedInstancesPolicy: { instanceRequirements } } }).instanceRequirements).toEqual(expected);
  });
});

describe('warm pools and hooks', () => {
  const pools: [string, object | undefined, object | undefined, object | undefined][] = [
    ['none', undefined, undefined, undefined],
    ["the cluster's", { maxSize: 3, minSize: 1 }, undefined, { minSize: 1, maxGroupPreparedCapacity: 3 }],
    ["a group's own", undefined, { minSize: 2 }, { minSize: 2 }],
    ["a group's own over the cluster's", { maxSize: 3, minSize: 1 }, { maxSize: 5 }, { minSize: 1, maxGroupPreparedCapacity: 5 }],
    ['none for this group', { maxSize: 3 }, { maxSize: 0 }, undefined],
  ];
  it.each(pools)('%s', (_name, shared, own, expected) => {
    const group = groupOfModel({ cluster: shared ? { warmPool: shared } : {}, nodes: own ? { warmPool: own } : {} });
    expect(group.warmPool).toEqual(expected);
    expect(group.enabledMetrics).toHaveLength(expected ? 16 : 8);
    expect(group.enabledMetrics).toEqual(group.enabledMetrics.toSorted());
  });

  it('warms machines of several types', () => {
    const group = groupOfModel({ cluster: { warmPool: { minSize: 1 } }, nodes: { mixedInstancesPolicy: { instances: ['m5.large', 'm5a.large'] } } });
    expect(group).toMatchObject({ warmPool: { minSize: 1 }, overrideInstanceTypes: ['m5.large', 'm5a.large'] });
    expect(findingsOf({ cluster: { warmPool: {} }, nodes: { mixedInstancesPolicy: {} } })).toEqual([]);
  });

  it("does not warm control planes by the cluster's pool", () => {
    expect(groupOfModel({ cluster: { warmPool: {} } }, `cp.masters.${clusterName}`)).not.toHaveProperty('warmPool');
  });

  it('holds an instance until it is warm, and until its node is drained', () => {
    const resources = modelOf({ cluster: { warmPool: { enableLifecycleHook: true } } });
    expect(namesOf('AutoscalingLifecycleHook', resources)).toEqual(['cp-NTHLifecycleHook', 'kops-warmpool-workers', 'workers-NTHLifecycleHook']);
    const common = { autoScalingGroupName: ref('AutoscalingGroup', `workers.${clusterName}`) };
    const warm = { ...common, lifecycleHookName: 'kops-warmpool', lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', defaultResult: 'ABANDON', heartbeatTimeout: 600 };
    const drain = {
      ...common,
      lifecycleHookName: 'workers-NTHLifecycleHook',
      lifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      defaultResult: 'CONTINUE',
      heartbeatTimeout: 300,
    };
    expect(attributesOf('AutoscalingLifecycleHook', 'kops-warmpool-workers', resources)).toEqual(warm);
    expect(attributesOf('AutoscalingLifecycleHook', 'workers-NTHLifecycleHook', resources)).toEqual(drain);
    const quiet = modelOf({ cluster: { warmPool: {}, nodeTerminationHandler: { enableSQSTerminationDraining: false } } });
    expect(namesOf('AutoscalingLifecycleHook', quiet)).toEqual([]);
  });
});
