import { describe, expect, it } from 'vitest';
import { awsCatalog } from '../../../providers/aws/catalog.ts';
import { awsSpec } from '../../../providers/aws/spec.ts';
import { parseScenarios } from '../../../src/cost/what-if/what-if.ts';
import { deepFreeze } from '../../../src/lib/json.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import { type NewClusterOptions, newCluster } from '../../../src/spec/new-cluster.ts';
import type { CompletedCluster } from '../../../src/spec/types.ts';
import { validateCompleted, validateShape } from '../../../src/spec/validate.ts';

const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const context = { catalog: awsCatalog, providerSpec: awsSpec, facts: {} };

function completed(options: Partial<NewClusterOptions> = {}, edit: (cluster: ReturnType<typeof newCluster>) => void = () => {}): CompletedCluster {
  const made = newCluster({ name: 'demo.example.com', cloud: 'aws', zones, configBase: 's3://state/demo.example.com', topology: 'private', bastion: true, ...options });
  edit(made);
  return deepFreeze(completeCluster(made, context));
}

/** What a what-if makes of a cluster, completed again: it must be a valid one. */
function what(text: string, cluster: CompletedCluster) {
  const [scenario] = parseScenarios([text]);
  const { notes, ...specs } = scenario!.change(cluster, awsCatalog);
  const again = completeCluster(specs, context);
  expect([...validateShape(specs), ...validateCompleted(again, awsCatalog, awsSpec)].filter(({ severity }) => severity === 'error')).toEqual([]);
  return { notes, cluster: again.cluster.spec, groups: Object.fromEntries(again.instanceGroups.map((group) => [group.metadata.name, group.spec])) };
}

describe('what if', () => {
  it('workers were spot machines: all of them, of their own types, and nobody else', () => {
    const { groups } = what('spot', completed({ nodeSize: 'm5.large,m6i.large' }));
    expect(groups['nodes-us-east-1a']?.mixedInstancesPolicy).toMatchObject({ instances: ['m5.large', 'm6i.large'], onDemandBase: 0, onDemandAboveBase: 0 });
    expect(groups['control-plane-us-east-1a']?.mixedInstancesPolicy).toBeUndefined();
    expect(groups.bastions?.mixedInstancesPolicy).toBeUndefined();
  });

  it('machines had arm64: every type becomes the corresponding one, with an image of that architecture', () => {
    const { groups, notes } = what('arm64', completed({ nodeSize: 'm5.large', image: '099720109477/ubuntu-amd64' }));
    expect(Object.values(groups).map((spec) => spec.machineType)).toEqual(['t4g.medium', 'm6g.large', 'm6g.large', 'm6g.large', 't4g.micro']);
    for (const spec of Object.values(groups)) expect(spec.image).toContain('arm64');
    expect(notes).toEqual([]);
  });

  it('there were three control planes: each in a zone of its own where there are three, with its members of etcd', () => {
    const { groups, cluster } = what('ha', completed());
    const masters = Object.entries(groups).filter(([, spec]) => spec.role === 'Master');
    expect(masters.map(([, spec]) => spec.subnets)).toEqual([['us-east-1a'], ['us-east-1b'], ['us-east-1c']]);
    for (const etcd of cluster.etcdClusters ?? []) expect(etcd.etcdMembers.map((member) => member.instanceGroup)).toEqual(masters.map(([name]) => name));
    expect(what('ha', completed({ zones: ['us-east-1a'] })).groups).toMatchObject({ 'control-plane-us-east-1a-3': { subnets: ['us-east-1a'] } });
    expect(what('ha', completed({ controlPlaneCount: 3 })).notes).toEqual(['there are 3 control planes already']);
  });

  it('there were one NAT gateway: the first zone keeps its own', () => {
    const { cluster } = what('single-nat', completed());
    expect(cluster.subnets?.filter((subnet) => subnet.type === 'Private').map((subnet) => subnet.egress)).toEqual([undefined, 'nat-00000000000000000', 'nat-00000000000000000']);
    expect(what('single-nat', completed({ zones: ['us-east-1a'] })).notes).toEqual(['there is only one NAT gateway']);
    expect(what('single-nat', completed({ topology: 'public', bastion: false })).notes).toEqual(['there is no NAT gateway']);
  });

  it('it were in another region: zone by zone', () => {
    const { cluster } = what('region=eu-west-1', completed());
    expect([...new Set(cluster.subnets?.map((subnet) => subnet.zone))]).toEqual(['eu-west-1a', 'eu-west-1b', 'eu-west-1c']);
  });

  it('disks were gp3: with the IOPS that were bought', () => {
    const cluster = completed({ nodeVolumeType: 'io1', etcdStorageType: 'gp2' }, ({ instanceGroups }) => {
      for (const group of instanceGroups) if (group.spec.rootVolumeType === 'io1') group.spec.rootVolumeIops = 5000;
    });
    const { groups, cluster: spec } = what('gp3', cluster);
    expect(groups['nodes-us-east-1a']).toMatchObject({ rootVolumeType: 'gp3', rootVolumeIops: 5000, rootVolumeThroughput: 125 });
    expect(spec.etcdClusters?.flatMap((etcd) => etcd.etcdMembers.map((member) => member.volumeType))).toEqual(['gp3', 'gp3']);
  });

  it('several things at once', () => {
    const { groups, cluster } = what('spot+arm64+region=eu-central-1', completed());
    expect(groups['nodes-us-east-1a']).toMatchObject({ machineType: 't4g.medium', mixedInstancesPolicy: { instances: ['t4g.medium'] } });
    expect(cluster.subnets?.[0]?.zone).toBe('eu-central-1a');
  });

  it.each([
    ['spto', 'did you mean spot?'],
    ['singel-nat', 'did you mean single-nat?'],
    ['spot+arm46', 'did you mean arm64?'],
    ['region', 'did you mean region=eu-west-1?'],
    ['spot=1', 'did you mean spot?'],
    ['constructor', 'there is no what-if "constructor"'],
  ])('%s is no what-if: %s', (text, message) => expect(() => parseScenarios([text])).toThrow(message));
});
