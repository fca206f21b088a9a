import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ActualResource, type DesiredResource, ref, resourceKey } from '../../../src/cloud/resource.ts';
import { motoMissing, startMoto } from '../moto.ts';
import { AwsCloud, actionsOf } from './aws-cloud.ts';
import { clusterName, networkResources } from './network.ts';

describe.skipIf(motoMissing !== '')(`EC2 networks on a real wire${motoMissing}`, () => {
  let moto: { endpoint: string; stop(): Promise<void> };
  let cloud: AwsCloud;

  beforeAll(async () => {
    moto = await startMoto();
  });
  beforeEach(async () => {
    await (await fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' })).arrayBuffer();
    cloud = new AwsCloud(moto.endpoint);
  });
  afterAll(() => moto?.stop());

  it('makes what the plan says, and then has nothing to change', async () => {
    const created = await cloud.apply(networkResources());
    expect(created.length).toEqual(networkResources().length);
    await cloud.restart();
    expect(actionsOf(await cloud.plan(networkResources()))).toEqual([]);
  });

  it('deletes everything of its own, and only that', async () => {
    await cloud.apply(networkResources());
    await cloud.delete();
    expect(await cloud.inventory()).toEqual([]);
  });

  it('changes in place what can be, leaves alone what others added, and replaces the rest', async () => {
    await cloud.apply(networkResources());
    const before = new Map((await cloud.inventory()).map((resource) => [resourceKey(resource), resource]));
    const vpcId = before.get(`VPC/${clusterName}`)?.id ?? '';
    const ec2 = await cloud.aws.service('ec2');
    // An organisation's tag, and one of a kind that only kops-ts sets.
    await ec2.createTags({
      Resources: [vpcId],
      Tags: [
        { Key: 'CostCenter', Value: '4711' },
        { Key: 'kops.k8s.io/old', Value: 'x' },
      ],
    });

    const changed = networkResources().map((resource) => changes[resourceKey(resource)]?.(resource.attributes) ?? resource.attributes);
    const desired = networkResources().map((resource, i) => ({ ...resource, attributes: changed[i] as typeof resource.attributes }));
    expect((await cloud.apply(desired)).sort()).toEqual(
      [
        `update EBSVolume/a.etcd-main.${clusterName} iops,size`,
        `update Route/private-us-east-1b-0.0.0.0/0 natGatewayId`,
        `update Subnet/us-east-1a.${clusterName} assignIpv6AddressOnCreation`,
        `update Subnet/utility-us-east-1b.${clusterName} tags`,
        `update VPC/${clusterName} enableDnsHostnames,tags`,
        'replace SecurityGroupRule/icmp-pmtu cidrBlock',
      ].sort(),
    );
    await cloud.restart();
    expect(actionsOf(await cloud.plan(desired))).toEqual([]);
    const after = new Map((await cloud.inventory()).map((resource) => [resourceKey(resource), resource]));
    for (const kind of ['VPC', 'Subnet', 'NatGateway', 'EBSVolume', 'RouteTable']) {
      const ids = (all: ReadonlyMap<string, ActualResource>) => [...all.values()].filter((resource) => resource.kind === kind).map(({ id }) => id);
      expect(ids(after)).toEqual(ids(before));
    }
    const tags = after.get(`VPC/${clusterName}`)?.attributes.tags as Record<string, string>;
    expect(Object.keys(tags).sort()).toEqual(['CostCenter', 'KubernetesCluster', 'Name', 'Owner', `kubernetes.io/cluster/${clusterName}`]);
  });

  it('never gives up what an etcd volume holds', async () => {
    await cloud.apply(networkResources());
    const smaller = networkResources().map((resource) =>
      resource.kind === 'EBSVolume' ? { ...resource, attributes: { ...resource.attributes, size: 10, encrypted: false } } : resource,
    );
    await expect(cloud.apply(smaller)).rejects.toThrow(/a\.etcd-main.* is not replaced: that would lose what is on it/);
    expect((await cloud.inventory()).filter(({ kind }) => kind === 'EBSVolume').map(({ attributes }) => attributes.size)).toEqual([20]);
  });

  it('finds rules made by hand and names that are there twice: nothing hides from a deletion', async () => {
    await cloud.apply(networkResources());
    const ec2 = await cloud.aws.service('ec2');
    const tags = [
      { Key: 'Name', Value: `a.etcd-main.${clusterName}` },
      { Key: `kubernetes.io/cluster/${clusterName}`, Value: 'owned' },
    ];
    // A machine that a rolling update took out of its group still has the cluster's volume.
    const [volume] = (await cloud.inventory()).filter(({ kind }) => kind === 'EBSVolume');
    const { Instances } = await ec2.runInstances({
      ImageId: 'ami-12c6146b',
      MinCount: 1,
      MaxCount: 1,
      Placement: { AvailabilityZone: 'us-east-1a' },
      TagSpecifications: [{ ResourceType: 'instance', Tags: tags.slice(1) }],
    });
    await ec2.attachVolume({ VolumeId: volume?.id, InstanceId: Instances?.[0]?.InstanceId, Device: '/dev/xvdu' });
    await ec2.createVolume({ AvailabilityZone: 'us-east-1a', Size: 1, TagSpecifications: [{ ResourceType: 'volume', Tags: tags }] });
    const [group] = (await ec2.describeSecurityGroups({ Filters: [{ Name: 'group-name', Values: [`nodes.${clusterName}`] }] })).SecurityGroups ?? [];
    await ec2.authorizeSecurityGroupIngress({
      GroupId: group?.GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '203.0.113.0/24' }] }],
    });
    const plan = await cloud.plan(networkResources());
    expect(actionsOf(plan)).toEqual([
      `delete SecurityGroupRule/from-203.0.113.0/24-ingress-tcp-22to22-nodes.${clusterName}`,
      expect.stringMatching(/^delete EBSVolume\/a\.etcd-main\..* \(vol-\w+\)$/),
    ]);
    await cloud.delete();
    expect((await ec2.describeVolumes({})).Volumes).toEqual([]);
    expect((await ec2.describeInstances({})).Reservations?.map(({ Instances: [instance] = [] }) => instance?.State?.Name)).toEqual(['terminated']);
  });
});

type Attributes = DesiredResource['attributes'];

const changes: Readonly<Record<string, (attributes: Attributes) => Attributes>> = {
  [`VPC/${clusterName}`]: (attributes) => ({ ...attributes, enableDnsHostnames: false, tags: { ...(attributes.tags as Record<string, string>), Owner: 'team' } }),
  [`Subnet/us-east-1a.${clusterName}`]: (attributes) => ({ ...attributes, assignIpv6AddressOnCreation: false }),
  [`Subnet/utility-us-east-1b.${clusterName}`]: (attributes) => {
    const { SubnetType: _, ...tags } = attributes.tags as Record<string, string>;
    return { ...attributes, tags };
  },
  'Route/private-us-east-1b-0.0.0.0/0': (attributes) => ({ ...attributes, natGatewayId: ref('NatGateway', `us-east-1a.${clusterName}`) }),
  [`EBSVolume/a.etcd-main.${clusterName}`]: (attributes) => ({ ...attributes, size: 40, iops: 4000 }),
  'SecurityGroupRule/icmp-pmtu': (attributes) => ({ ...attributes, cidrBlock: '10.0.0.0/8' }),
};
