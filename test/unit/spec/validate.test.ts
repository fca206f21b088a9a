import { describe, expect, it } from 'vitest';
import { awsCatalog } from '../../../providers/aws/catalog.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import { newCluster } from '../../../src/spec/new-cluster.ts';
import { regionOfZones } from '../../../src/spec/region.ts';
import { applySettings } from '../../../src/spec/set.ts';
import { validateCompleted } from '../../../src/spec/validate.ts';
import { catalog, context, providerSpec } from './test-provider.ts';

function findings(options: { name?: string; zones?: string[]; cluster?: string[]; node?: string[] }): string[] {
  const made = newCluster({ name: options.name ?? 'a.k8s.local', cloud: 'test', zones: options.zones ?? ['us-test-1a'], configBase: 'memory://x' });
  const cluster = applySettings(made.cluster, { set: options.cluster ?? [] });
  const instanceGroups = made.instanceGroups.map((group) => (group.spec.role === 'Node' ? applySettings(group, { set: options.node ?? [] }) : group));
  return validateCompleted(completeCluster({ cluster, instanceGroups }, context), catalog, providerSpec).map(
    (finding) => `${finding.path}: ${finding.message}${finding.hint ? ` (${finding.hint})` : ''}`,
  );
}

describe('validation', () => {
  it('accepts what create cluster makes', () => expect(findings({})).toEqual([]));

  it.each([
    [
      'a name that is no DNS name',
      { name: 'My_Cluster' },
      'metadata.name: "My_Cluster" must be a DNS name: lower case letters, digits, - and ., each part beginning and ending with a letter or digit (for example my-cluster.k8s.local)',
    ],
    [
      'a name without a dot where DNS is asked',
      { name: 'demo', cluster: ['spec.topology.dns.type=Public'] },
      'metadata.name: "demo" must be a full name with a dot in it (for example demo.k8s.local)',
    ],
    [
      'an old version',
      { cluster: ['spec.kubernetesVersion=1.28.0'] },
      'spec.kubernetesVersion: v1.28.0 is too old (supported are v1.32 to v1.36; KOPS_RUN_OBSOLETE_VERSION=1 takes it all the same)',
    ],
    ['a version that is none', { cluster: ['spec.kubernetesVersion=latest'] }, 'spec.kubernetesVersion: "latest" is not a version (for example v1.36.0)'],
    ['host bits', { cluster: ['spec.networkCIDR=10.0.0.5/16'] }, 'spec.networkCIDR: 10.0.0.5/16 has host bits set (did you mean 10.0.0.0/16?)'],
    ['overlapping ranges', { cluster: ['spec.networkCIDR=100.64.0.0/16'] }, 'spec.nonMasqueradeCIDR: 100.64.0.0/10 overlaps networkCIDR 100.64.0.0/16'],
    ['a subnet outside the network', { cluster: ['spec.subnets[0].cidr=10.9.0.0/24'] }, 'spec.subnets[0].cidr: 10.9.0.0/24 is not inside networkCIDR 172.20.0.0/16'],
    ['a machine type nobody sells', { node: ['spec.machineType=t2.medum'] }, 'spec.machineType: t2.medum is not a known machine type (did you mean t2.medium?)'],
    ['min above max', { node: ['spec.minSize=5'] }, 'spec.maxSize: 1 is less than minSize 5 (set maxSize to at least 5)'],
    ['a label that is ours', { node: ['spec.cloudLabels.Name=x'] }, 'spec.cloudLabels["Name"]: is a label that kops sets itself'],
    ['two ways to authorize', { cluster: ['spec.authorization.alwaysAllow={}'] }, 'spec.authorization: must name exactly one of rbac and alwaysAllow, not both'],
    [
      'an update that cannot begin',
      { node: ['spec.rollingUpdate.maxSurge=0', 'spec.rollingUpdate.maxUnavailable=0%'] },
      'spec.rollingUpdate.maxSurge: maxSurge and maxUnavailable cannot both be 0: nothing could ever be replaced',
    ],
    [
      'a surge that is no number',
      { node: ['spec.rollingUpdate.maxSurge=some'] },
      'spec.rollingUpdate.maxSurge: "some" is neither a number nor a percentage (for example 1 or 25%)',
    ],
    ['a subnet the cluster has not', { node: ['spec.subnets=us-test-1b'] }, 'spec.subnets[0]: the cluster has no subnet "us-test-1b" (did you mean us-test-1a?)'],
    ['a taint that is none', { node: ['spec.taints=gpu'] }, 'spec.taints[0]: "gpu" is not a taint (write it as key=value:NoSchedule, PreferNoSchedule or NoExecute)'],
    [
      'an even number of etcd members',
      { cluster: ['spec.etcdClusters[0].etcdMembers[1].name=b'] },
      'spec.etcdClusters[0].etcdMembers: 2 members cannot form a majority: the number must be odd',
    ],
  ])('refuses %s', (_what, options, expected) => expect(findings(options)).toContain(expected));

  it('reports everything at once', () => {
    expect(findings({ name: 'Demo', cluster: ['spec.kubernetesVersion=nonsense'], node: ['spec.minSize=5', 'spec.machineType=nope'] })).toHaveLength(4);
  });

  it('leaves pods, services and network apart', () => {
    const { spec } = completeCluster(newCluster({ name: 'a.b', cloud: 'test', zones: ['us-test-1a'], configBase: '' }), context).cluster;
    expect([spec.networkCIDR, spec.podCIDR, spec.serviceClusterIPRange, spec.kubeDNS?.serverIP]).toEqual(['172.20.0.0/16', '100.96.0.0/11', '100.64.0.0/13', '100.64.0.10']);
  });

  it('knows where each value came from', () => {
    const { provenance } = completeCluster(newCluster({ name: 'a.b', cloud: 'test', zones: ['us-test-1a'], configBase: '' }), context);
    expect(provenance.cluster).toMatchObject({ '': 'user', 'spec.podCIDR': 'default', 'spec.subnets[0].cidr': 'default' });
    expect(provenance.instanceGroups['nodes-us-test-1a']).toMatchObject({ 'spec.machineType': 'provider', 'spec.rootVolumeSize': 'default' });
  });
});

describe('the region of zones', () => {
  it('is one', () => expect(regionOfZones(['us-test-1a', 'us-test-1b'], catalog)).toBe('us-test-1'));
  it('cannot be two', () => expect(() => regionOfZones(['us-test-1a', 'us-test-2a'], catalog)).toThrow('us-test-1a is in us-test-1, us-test-2a is in us-test-2'));
  it('is one of the cloud, or newer than what is known of it; a slip is told from both', () => {
    expect(['eu-north-1a', 'us-gov-west-1b', 'xx-moon-1a'].map((zone) => regionOfZones([zone], awsCatalog))).toEqual(['eu-north-1', 'us-gov-west-1', 'xx-moon-1']);
    expect(() => regionOfZones(['us-eest-1b'], awsCatalog)).toThrow('did you mean us-east-1b?');
    expect(() => regionOfZones(['ap-sotuheast-2c'], awsCatalog)).toThrow('did you mean ap-southeast-2c?');
  });
  it('names the nearest of an unknown zone', () => expect(() => regionOfZones(['us-tets-1a'], catalog)).toThrow('did you mean us-test-1a?'));
});
