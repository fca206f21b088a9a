import type { Instance } from '@aws-sdk/client-ec2';
import { AwsApi } from '../../providers/aws/api/clients.ts';
import type { NodeObject, Service } from '../../src/kube/objects.ts';
import { realClock } from '../../src/lib/clock.ts';
import { SeededRandom } from '../../src/lib/random.ts';

const zones = ['us-east-1a', 'us-east-1b'];

/** A cluster's network, security group and instances in a simulated AWS, made by hand: what cloud controllers find. */
export class AwsPlace {
  readonly cluster: string;
  readonly aws: AwsApi;
  vpcId = '';
  nodeGroupId = '';
  subnetIds: string[] = [];
  routeTableIds: string[] = [];
  readonly calls: string[] = [];
  /** Called before and after each call; may throw in its place. */
  before: (command: string) => void = () => {};
  after: (command: string) => void = () => {};

  constructor(cluster: string, endpoint: string) {
    this.cluster = cluster;
    const variables = { AWS_ENDPOINT_URL: endpoint };
    Object.assign(process.env, { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
    const environment = { clock: realClock, random: new SeededRandom(1), variables };
    this.aws = new AwsApi('us-east-1', environment);
  }

  async open(): Promise<void> {
    for (const client of [await this.aws.service('ec2'), await this.aws.once('ec2'), await this.aws.service('elbv2'), await this.aws.once('elbv2')]) {
      const stack = client.middlewareStack as unknown as { add(middleware: unknown, options: object): void };
      stack.add(this.#observed, { step: 'build', name: 'observed' });
    }
    const ec2 = await this.aws.service('ec2');
    const tags = (name: string, more: Record<string, string> = {}) =>
      Object.entries({ Name: name, KubernetesCluster: this.cluster, [`kubernetes.io/cluster/${this.cluster}`]: 'owned', ...more }).map(([Key, Value]) => ({ Key, Value }));
    this.vpcId = (await ec2.createVpc({ CidrBlock: '10.0.0.0/16', TagSpecifications: [{ ResourceType: 'vpc', Tags: tags(this.cluster) }] })).Vpc?.VpcId ?? '';
    for (const [at, AvailabilityZone] of zones.entries()) {
      for (const [role, block] of [
        ['elb', at],
        ['internal-elb', at + 8],
      ] as const) {
        const Tags = tags(`${role}-${AvailabilityZone}`, { [`kubernetes.io/role/${role}`]: '1' });
        const made = await ec2.createSubnet({ VpcId: this.vpcId, AvailabilityZone, CidrBlock: `10.0.${block}.0/24`, TagSpecifications: [{ ResourceType: 'subnet', Tags }] });
        this.subnetIds.push(made.Subnet?.SubnetId ?? '');
      }
      const table = await ec2.createRouteTable({ VpcId: this.vpcId, TagSpecifications: [{ ResourceType: 'route-table', Tags: tags(`private-${AvailabilityZone}`) }] });
      this.routeTableIds.push(table.RouteTable?.RouteTableId ?? '');
    }
    const name = `nodes.${this.cluster}`;
    const group = await ec2.createSecurityGroup({
      GroupName: name,
      Description: name,
      VpcId: this.vpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags: tags(name) }],
    });
    this.nodeGroupId = group.GroupId ?? '';
  }

  readonly #observed = (next: (args: unknown) => Promise<unknown>, context: { commandName?: string }) => async (args: unknown) => {
    const command = (context.commandName ?? '').replace(/Command$/, '');
    this.calls.push(command);
    this.before(command);
    const answer = await next(args);
    this.after(command);
    return answer;
  };

  async launch(count: number): Promise<Instance[]> {
    const ec2 = await this.aws.service('ec2');
    const Tags = [{ Key: `kubernetes.io/cluster/${this.cluster}`, Value: 'owned' }];
    const answer = await ec2.runInstances({
      ImageId: 'ami-12c6146b',
      InstanceType: 't3.medium',
      MinCount: count,
      MaxCount: count,
      SubnetId: this.subnetIds[1],
      SecurityGroupIds: [this.nodeGroupId],
      TagSpecifications: [{ ResourceType: 'instance', Tags }],
    });
    return answer.Instances ?? [];
  }

  async terminate(...instances: Instance[]): Promise<void> {
    await (await this.aws.service('ec2')).terminateInstances({ InstanceIds: instances.map(({ InstanceId }) => InstanceId ?? '') });
  }
}

export function nodeOf(instance: Instance, by: 'name' | 'providerID' = 'providerID'): NodeObject {
  const spec = by === 'name' ? {} : { providerID: `aws:///${instance.Placement?.AvailabilityZone}/${instance.InstanceId}` };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: instance.PrivateDnsName ?? '' }, spec };
}

export function serviceOf(name: string, spec: Partial<Service['spec']> = {}, annotations: Record<string, string> = {}): Service {
  const uid = `7e6b0f0a-5a0f-4f3e-9d57-${Buffer.from(name.padEnd(6, '.')).toString('hex').slice(0, 12)}`;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', uid, annotations },
    spec: { type: 'LoadBalancer', ports: [{ name: 'http', port: 80, nodePort: 30080 }], ...spec },
  };
}
