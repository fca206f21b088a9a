import { describe, expect, it } from 'vitest';
import { usageNotCounted, useText } from '../../../src/cost/views/cost-table.ts';
import { awsEstimate, balancerOf, etcdVolumes, type GroupWishes, groupOf, natOf } from './aws-resources.ts';

const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

describe('the bill of a cluster on AWS, to the cent', () => {
  it('one control plane and one node, public, without DNS: $106.67 a month', () => {
    const estimate = awsEstimate([
      ...groupOf('control-plane-us-east-1a', { diskGb: 64, publicIp: true }),
      ...groupOf('nodes-us-east-1a', { diskGb: 128, publicIp: true }),
      ...etcdVolumes(['a']),
      balancerOf('api', ['us-east-1a']),
    ]);
    expect(estimate.total.desired.toFixed(2)).toBe('106.67');
    expect(estimate.unpriced).toEqual([]);
  });

  it('three and three, private, three zones, with a bastion: $412.29 a month', () => {
    const estimate = awsEstimate([
      ...zones.flatMap((zone) => groupOf(`control-plane-${zone}`, { diskGb: 64 })),
      ...zones.flatMap((zone) => groupOf(`nodes-${zone}`, { diskGb: 128 })),
      ...groupOf('bastions', { instanceType: 't3.micro', diskGb: 32 }),
      ...etcdVolumes(['a', 'b', 'c']),
      ...zones.flatMap(natOf),
      balancerOf('api', zones),
      balancerOf('bastion', zones),
    ]);
    expect(estimate.total.desired.toFixed(2)).toBe('412.29');
  });
});

describe('a group of machines', () => {
  const monthly = (wishes: GroupWishes, region = 'us-east-1') => awsEstimate(groupOf('nodes', wishes), { region }).total;
  const disk = 100 * 0.08;
  const t3 = 0.0416 * 730;

  it('has a base on demand and a share of the rest, rounded up; the remainder is spot', () => {
    const group = { overrideInstanceTypes: ['m7a.large', 'm6i.large'], onDemandBaseCapacity: 1, onDemandPercentageAboveBaseCapacity: 50 };
    const estimate = awsEstimate(groupOf('nodes', { size: [4, 6], instanceType: 'm7a.large', diskGb: 100, group }));
    const spot = (0.0433 + 0.0561) / 2;
    // 1 + ceil(3 / 2) on demand of four, 1 + ceil(5 / 2) of six.
    expect(estimate.total.desired).toBeCloseTo((3 * 0.11592 + 1 * spot) * 730 + 4 * disk, 6);
    expect(estimate.total.max).toBeCloseTo((4 * 0.11592 + 2 * spot) * 730 + 6 * disk, 6);
    expect(estimate.resources[0]?.items.slice(0, 2)).toEqual(['3 × m7a.large', '1 × m7a.large spot']);
  });

  it('is as large as it is now, within its limits', () => {
    const sized = (size: number) => awsEstimate(groupOf('nodes', { size: [2, 6], diskGb: 100 }).map((resource) => ({ ...resource, size }))).total.desired / (t3 + disk);
    expect([1, 4, 9].map((size) => Number(sized(size).toFixed(6)))).toEqual([2, 4, 6]);
  });

  it('is spot as a whole when its template says so, and never dearer than the highest price', () => {
    expect(monthly({ diskGb: 100, template: { marketOptions: { marketType: 'spot', maxPrice: '0.01' } } }).desired).toBeCloseTo(0.01 * 730 + disk, 6);
    expect(monthly({ diskGb: 100, template: { marketOptions: { marketType: 'spot' } } }).desired).toBeCloseTo(0.45 * t3 + disk, 6);
  });

  it('pays for the disks of a warm pool, which is smaller when more machines run', () => {
    const warm = (warmPool: { minSize: number; maxGroupPreparedCapacity?: number }) => monthly({ size: [1, 4], diskGb: 100, group: { warmPool } });
    expect(warm({ minSize: 0 })).toEqual({ min: expect.closeTo(t3 + 4 * disk, 6), desired: expect.closeTo(t3 + 4 * disk, 6), max: expect.closeTo(4 * t3 + 4 * disk, 6) });
    expect(warm({ minSize: 1, maxGroupPreparedCapacity: 2 })).toEqual({
      min: expect.closeTo(t3 + 2 * disk, 6),
      desired: expect.closeTo(t3 + 2 * disk, 6),
      max: expect.closeTo(4 * t3 + 5 * disk, 6),
    });
  });

  it('pays for detailed monitoring, more IOPS and throughput, and a key of its own once', () => {
    const ebs = { volumeSize: 100, volumeType: 'gp3', iops: 4000, throughput: 250, encrypted: true, kmsKeyId: 'arn:aws:kms:us-east-1:1:key/k' };
    const template = { monitoring: true, blockDeviceMappings: [{ deviceName: '/dev/sda1', ebs }] };
    expect(monthly({ size: [2, 2], diskGb: 0, template }).desired).toBeCloseTo(2 * (t3 + disk + 1000 * 0.005 + 125 * 0.04 + 7 * 0.3) + 1, 6);
  });

  it('has a price by tiers for the IOPS of io2, and none where the tier is not known', () => {
    const io2 = (iops: number, region = 'us-east-1') => {
      const template = { blockDeviceMappings: [{ deviceName: '/dev/sda1', ebs: { volumeSize: 100, volumeType: 'io2', iops } }] };
      return awsEstimate(groupOf('nodes', { diskGb: 0, template }), { region });
    };
    expect(io2(40_000).total.desired).toBeCloseTo(t3 + 12.5 + 32_000 * 0.065 + 8000 * 0.0455, 6);
    expect(io2(4000, 'eu-west-1').unpriced).toEqual(['AutoscalingGroup/nodes.demo.example.com: IOPS (io2)']);
  });

  it('lists what it has no price for: dedicated machines, disks of the size of an image', () => {
    const template = { placementTenancy: 'dedicated', blockDeviceMappings: [{ deviceName: '/dev/sda1', ebs: { volumeType: 'gp3' } }] };
    expect(awsEstimate(groupOf('nodes', { diskGb: 0, template })).unpriced).toEqual([
      'AutoscalingGroup/nodes.demo.example.com: 1 × t3.medium dedicated',
      'AutoscalingGroup/nodes.demo.example.com: gp3',
    ]);
  });
});

describe('what is billed by use', () => {
  it('has its unit price, and a place in the total when quantities are given', () => {
    const resources = [...natOf('us-east-1a'), ...natOf('us-east-1b'), balancerOf('api', zones, 'internal')];
    const silent = awsEstimate(resources);
    const used = awsEstimate(resources, { usage: { natGatewayGb: 100, loadBalancerCapacityUnits: 2 } });
    expect(used.total.desired - silent.total.desired).toBeCloseTo(2 * 100 * 0.045 + 2 * 0.006 * 730, 6);
    expect(used.usage.desired).toBeCloseTo(used.total.desired - silent.total.desired, 6);
  });

  it('is listed where a region has no price for it', () => {
    const balancer = [balancerOf('api', zones, 'internal')];
    expect(usageNotCounted(awsEstimate(balancer, { region: 'eu-west-1' })).map(useText)).toEqual(['load balancer capacity (price not known)']);
    const used = awsEstimate(balancer, { region: 'eu-west-1', usage: { loadBalancerCapacityUnits: 1 } });
    expect(used.unpriced).toEqual(['NetworkLoadBalancer/api.demo.example.com: load balancer capacity']);
  });
});
