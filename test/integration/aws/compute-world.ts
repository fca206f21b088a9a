import { EC2 } from '@aws-sdk/client-ec2';
import { Route53 } from '@aws-sdk/client-route-53';
import { S3 } from '@aws-sdk/client-s3';
import { AwsApi } from '../../../providers/aws/api/clients.ts';
import { ownershipTag } from '../../../providers/aws/model/tags.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { startMoto } from '../moto.ts';

export const cluster = 'demo.example.com';
export const region = 'us-east-1';
export const bucket = 'state-of-demo';

/** What the kinds under test refer to, made without them. */
export interface AwsWorld {
  endpoint: string;
  aws: AwsApi;
  context: OperationContext;
  vpcId: string;
  /** In three zones. */
  subnetIds: string[];
  securityGroupIds: string[];
  /** Of `demo.example.com`'s parent. */
  publicZoneId: string;
  privateZoneId: string;
  stop(): Promise<void>;
}

export function ownTags(name: string, owner = cluster): Record<string, string> {
  return { KubernetesCluster: owner, Name: name, [ownershipTag(owner)]: 'owned' };
}

/** A simulated account with a network, two hosted zones and a bucket. Nobody waits in it: the clock jumps. */
export async function awsWorld(): Promise<AwsWorld> {
  const moto = await startMoto();
  Object.assign(process.env, { AWS_ENDPOINT_URL: moto.endpoint, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: region });
  const clock = new VirtualClock();
  clock.sleep = async (ms) => void (await clock.advance(ms));
  const aws = new AwsApi(region, { clock, random: new SeededRandom(1), variables: { AWS_ENDPOINT_URL: moto.endpoint } });
  const network = await makeNetwork();
  const zones = await makeZones(network.vpcId);
  await new S3({ region, forcePathStyle: true }).createBucket({ Bucket: bucket });
  const stop = async () => {
    await aws.close();
    await moto.stop();
    delete process.env.AWS_ENDPOINT_URL;
  };
  return { endpoint: moto.endpoint, aws, context: { signal: new AbortController().signal, progress: () => {} }, ...network, ...zones, stop };
}

async function makeNetwork(): Promise<Pick<AwsWorld, 'vpcId' | 'subnetIds' | 'securityGroupIds'>> {
  const ec2 = new EC2({ region });
  const tags = (type: 'vpc' | 'subnet' | 'security-group', name: string) => [{ ResourceType: type, Tags: Object.entries(ownTags(name)).map(([Key, Value]) => ({ Key, Value })) }];
  const { Vpc } = await ec2.createVpc({ CidrBlock: '10.0.0.0/16', TagSpecifications: tags('vpc', cluster) });
  const vpcId = Vpc?.VpcId ?? '';
  const subnetIds: string[] = [];
  const securityGroupIds: string[] = [];
  for (const [index, zone] of ['a', 'b', 'c'].entries()) {
    const request = { VpcId: vpcId, CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: `${region}${zone}`, TagSpecifications: tags('subnet', `${zone}.${cluster}`) };
    subnetIds.push((await ec2.createSubnet(request)).Subnet?.SubnetId ?? '');
  }
  for (const name of ['masters', 'nodes']) {
    const request = { GroupName: `${name}.${cluster}`, Description: name, VpcId: vpcId, TagSpecifications: tags('security-group', `${name}.${cluster}`) };
    securityGroupIds.push((await ec2.createSecurityGroup(request)).GroupId ?? '');
  }
  return { vpcId, subnetIds, securityGroupIds };
}

async function makeZones(VPCId: string): Promise<Pick<AwsWorld, 'publicZoneId' | 'privateZoneId'>> {
  const route53 = new Route53({ region });
  const zone = async (CallerReference: string, more: object) =>
    (await route53.createHostedZone({ Name: 'example.com', CallerReference, ...more })).HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
  const others = await new EC2({ region }).createVpc({ CidrBlock: '10.1.0.0/16' });
  return {
    publicZoneId: await zone('1', {}),
    privateZoneId: await zone('2', { HostedZoneConfig: { PrivateZone: true }, VPC: { VPCRegion: region, VPCId: others.Vpc?.VpcId ?? VPCId } }),
  };
}
