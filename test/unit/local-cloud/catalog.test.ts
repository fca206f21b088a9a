import { describe, expect, it } from 'vitest';
import { awsCatalog } from '../../../providers/aws/catalog.ts';
import { localCatalog } from '../../../providers/local/catalog.ts';
import { localSpec } from '../../../providers/local/spec.ts';
import { modelInput } from '../../contract/local-cloud-harness.ts';

describe('the local catalog', () => {
  it('knows regions of any zone of the form region-letter, and claims only its own', () => {
    expect(['local-1a', 'us-east-1a', 'us-test1-a', 'europe-west4-b'].map((zone) => localCatalog.regionOf(zone))).toEqual(['local-1', 'us-east-1', 'us-test1', 'europe-west4']);
    expect(['nowhere', 'a', 'local-', '1a', ''].map((zone) => localCatalog.regionOf(zone))).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(['local-1a', 'us-east-1a', 'local-x'].map((zone) => localSpec.ownsZone(zone))).toEqual([true, false, false]);
  });

  it('costs nothing', () => {
    const { prices } = localCatalog;
    expect([prices.instanceHour('t3.medium', 'local-1'), prices.volumeGbMonth('gp3', 'us-east-1'), prices.unit('networkLoadBalancerHour', 'local-1')]).toEqual([0, 0, 0]);
  });
});

describe('the spec of the local provider', () => {
  it('splits a free block: a quarter for nodes, a quarter for services, half for pods', () => {
    const { cluster } = modelInput().completed;
    const { networkCIDR, podCIDR, serviceClusterIPRange, ...open } = cluster.spec;
    expect(localSpec.references({ ...cluster, spec: open })).toEqual({ networkBlock: { prefix: 16 } });
    expect(localSpec.references(cluster)).toEqual({});
    expect(localSpec.clusterDefaults(cluster, { networkBlock: '127.20.0.0/16' })).toEqual({
      'spec.networkCIDR': '127.20.0.0/18',
      'spec.serviceClusterIPRange': '127.20.64.0/18',
      'spec.podCIDR': '127.20.128.0/17',
      'spec.nonMasqueradeCIDR': '127.20.128.0/17',
    });
  });

  it('finds every mistake at once, with what was probably meant', () => {
    const { completed } = modelInput();
    completed.cluster.spec.subnets?.forEach((subnet) => {
      subnet.zone = 'nowhere';
    });
    for (const group of completed.instanceGroups) group.spec.machineType = 't3.mediun';
    completed.cluster.spec.networkCIDR = '172.20.0.0/16';
    const findings = localSpec.validate(completed);
    expect(findings.map((finding) => finding.path)).toEqual(['spec.subnets[0].zone', 'spec.subnets[1].zone', 'spec.machineType', 'spec.machineType', 'spec.networkCIDR']);
    expect(findings[2]).toMatchObject({ severity: 'error', hint: 'did you mean t3.medium?' });
    expect(findings[4]?.severity).toBe('warning');
    expect(localSpec.validate(modelInput().completed)).toEqual([]);
  });
});

describe('the price book of aws', () => {
  it('has dated prices by region; what it does not know is undefined, never 0', () => {
    const { prices } = awsCatalog;
    expect(prices.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(prices.instanceHour('t3.medium', 'us-east-1')).toBe(0.0416);
    expect(prices.instanceHour('t2.micro', 'eu-central-1')).toBe(0.0134);
    expect(prices.volumeGbMonth('gp3', 'us-east-1')).toBe(0.08);
    expect(prices.unit('publicIpv4Hour', 'ap-south-1')).toBe(0.005);
    expect([prices.instanceHour('t3.medium', 'local-1'), prices.instanceHour('x9.large', 'us-east-1'), prices.instanceHour('m7a.large', 'ap-south-1')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(prices.volumeIopsMonth('gp3', 'us-east-1')).toEqual({ free: 3000, tiers: [{ price: 0.005 }] });
  });

  it('tells Graviton from the rest', () => {
    expect(['t4g.small', 'm7g.large', 'm7i.large', 't3.nano'].map((type) => awsCatalog.machineTypes.get(type)?.architecture)).toEqual(['arm64', 'arm64', 'amd64', 'amd64']);
  });
});
