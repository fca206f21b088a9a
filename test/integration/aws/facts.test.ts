import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookUpFacts } from '../../../providers/aws/facts.ts';
import { motoMissing, startMoto } from '../moto.ts';
import { AwsCloud, never } from './aws-cloud.ts';

describe.skipIf(motoMissing !== '')(`what exists on AWS is looked up${motoMissing}`, () => {
  let moto: { endpoint: string; stop(): Promise<void> };
  let cloud: AwsCloud;

  beforeAll(async () => {
    moto = await startMoto();
    cloud = new AwsCloud(moto.endpoint);
  });
  afterAll(() => moto?.stop());

  it('networks with their gateways, subnets with their tables, NAT gateways', async () => {
    const ec2 = await cloud.aws.service('ec2');
    const vpcId = (await ec2.createVpc({ CidrBlock: '10.0.0.0/16' })).Vpc?.VpcId ?? '';
    await ec2.associateVpcCidrBlock({ VpcId: vpcId, CidrBlock: '10.1.0.0/16' });
    const gatewayId = (await ec2.createInternetGateway({})).InternetGateway?.InternetGatewayId ?? '';
    await ec2.attachInternetGateway({ InternetGatewayId: gatewayId, VpcId: vpcId });
    const egressId = (await ec2.createEgressOnlyInternetGateway({ VpcId: vpcId })).EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId ?? '';
    const subnet = async (CidrBlock: string) => (await ec2.createSubnet({ VpcId: vpcId, CidrBlock, AvailabilityZone: 'us-east-1a' })).Subnet?.SubnetId ?? '';
    const [own, main] = [await subnet('10.0.0.0/24'), await subnet('10.0.1.0/24')];
    const tableId = (await ec2.createRouteTable({ VpcId: vpcId })).RouteTable?.RouteTableId ?? '';
    await ec2.associateRouteTable({ RouteTableId: tableId, SubnetId: own });
    const mainTable = await ec2.describeRouteTables({
      Filters: [
        { Name: 'association.main', Values: ['true'] },
        { Name: 'vpc-id', Values: [vpcId] },
      ],
    });
    const { AllocationId: allocationId = '', PublicIp: publicIp = '' } = await ec2.allocateAddress({ Domain: 'vpc' });
    const natId = (await ec2.createNatGateway({ SubnetId: own, AllocationId: allocationId })).NatGateway?.NatGatewayId ?? '';

    expect(await lookUpFacts(cloud.aws, { networkIds: [vpcId], subnetIds: [own, main], natGatewayIds: [natId], addresses: [publicIp], account: true }, never)).toEqual({
      account: { id: '123456789012', partition: 'aws' },
      networks: { [vpcId]: { cidrs: ['10.0.0.0/16', '10.1.0.0/16'], internetGatewayId: gatewayId, egressOnlyInternetGatewayId: egressId } },
      subnets: {
        [own]: { cidr: '10.0.0.0/24', zone: 'us-east-1a', networkId: vpcId, routeTableId: tableId },
        [main]: { cidr: '10.0.1.0/24', zone: 'us-east-1a', networkId: vpcId, routeTableId: mainTable.RouteTables?.[0]?.RouteTableId },
      },
      addresses: { [publicIp]: { allocationId } },
      natGateways: { [natId]: { subnetId: own, allocationId } },
    });
  });

  it('images by id, by parameter and by their publisher', async () => {
    const parameter = 'ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
    const byParameter = (await lookUpFacts(cloud.aws, { images: [parameter] }, never)).images?.[parameter];
    expect(byParameter).toMatchObject({ id: expect.stringMatching(/^ami-/), architecture: 'amd64', rootDevice: expect.stringMatching(/^\/dev\//) });
    const [described] = (await (await cloud.aws.service('ec2')).describeImages({ ImageIds: [byParameter?.id ?? ''] })).Images ?? [];
    const named = `${described?.OwnerId}/${described?.Name}`;
    const images = (await lookUpFacts(cloud.aws, { images: [byParameter?.id ?? '', named] }, never)).images;
    expect(Object.keys(images ?? {})).toEqual([byParameter?.id, named]);
    expect(images?.[named]?.id).toEqual(byParameter?.id);
  });

  it('machine types with their disks and graphics processors', async () => {
    expect((await lookUpFacts(cloud.aws, { machineTypes: ['t3.medium', 'm6gd.large', 'g4dn.xlarge'] }, never)).machineTypes).toEqual({
      't3.medium': { architecture: 'amd64', vcpus: 2, memoryGib: 4 },
      'm6gd.large': { architecture: 'arm64', vcpus: 2, memoryGib: 8, instanceStoreDisks: 1 },
      'g4dn.xlarge': { architecture: 'amd64', vcpus: 4, memoryGib: 16, instanceStoreDisks: 1, gpus: 1 },
    });
  });

  it('hosted zones by name and by id, public and private', async () => {
    const route53 = await cloud.aws.service('route53');
    const vpcId = (await (await cloud.aws.service('ec2')).createVpc({ CidrBlock: '10.9.0.0/16' })).Vpc?.VpcId ?? '';
    const idOf = (id: string | undefined) => id?.split('/').pop() ?? '';
    const open = idOf((await route53.createHostedZone({ Name: 'example.com', CallerReference: 'a' })).HostedZone?.Id);
    const inside = idOf(
      (await route53.createHostedZone({ Name: 'example.com', CallerReference: 'b', HostedZoneConfig: { PrivateZone: true }, VPC: { VPCId: vpcId, VPCRegion: 'us-east-1' } }))
        .HostedZone?.Id,
    );
    const { hostedZones } = await lookUpFacts(cloud.aws, { hostedZones: ['demo.example.com', 'example.com', open] }, never);
    expect(Object.keys(hostedZones ?? {})).toEqual(['example.com', open]);
    expect(hostedZones?.['example.com']).toEqual(
      expect.arrayContaining([
        { id: open, name: 'example.com', private: false },
        { id: inside, name: 'example.com', private: true, networkIds: [vpcId] },
      ]),
    );
    expect(hostedZones?.[open]).toEqual([{ id: open, name: 'example.com', private: false }]);
  });

  it('instance profiles with their roles', async () => {
    const iam = await cloud.aws.service('iam');
    await iam.createRole({ RoleName: 'r', AssumeRolePolicyDocument: '{}' });
    await iam.createInstanceProfile({ InstanceProfileName: 'p' });
    await iam.addRoleToInstanceProfile({ InstanceProfileName: 'p', RoleName: 'r' });
    expect((await lookUpFacts(cloud.aws, { instanceProfiles: ['p'] }, never)).instanceProfiles).toEqual({ p: { roles: ['r'] } });
  });

  it('names everything that does not exist, with the field that speaks of it', async () => {
    const request = {
      networkIds: ['vpc-0ab1'],
      subnetIds: ['subnet-1'],
      images: ['ami-1', 'ubuntu/none', 'mine'],
      hostedZones: ['nowhere.example.org', 'example.org'],
      natGatewayIds: ['nat-1'],
      machineTypes: ['t3.enormous'],
      instanceProfiles: ['nobody'],
    };
    await expect(lookUpFacts(cloud.aws, request, never)).rejects.toMatchObject({
      class: 'notFound',
      message: [
        'spec.networkID: there is no VPC vpc-0ab1 in us-east-1',
        'spec.subnets[].id: there is no subnet subnet-1 in us-east-1',
        'spec.subnets[].egress: there is no NAT gateway nat-1 in us-east-1',
        'spec.image: there is no image ami-1 in us-east-1',
        'spec.image: there is no image ubuntu/none in us-east-1',
        'spec.image: there is no image mine in us-east-1',
        'spec.dnsZone: there is no hosted zone for any of nowhere.example.org, example.org',
        'spec.machineType: there is no machine type t3.enormous in us-east-1',
        'spec.iam.profile: there is no instance profile nobody',
      ].join('\n'),
    });
  });
});
