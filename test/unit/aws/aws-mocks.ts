import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { Route53Client } from '@aws-sdk/client-route-53';
import { mockClient } from 'aws-sdk-client-mock';
import { AwsApi } from '../../../providers/aws/api/clients.ts';
import { toCloudError } from '../../../providers/aws/api/errors.ts';
import { ownershipTag } from '../../../providers/aws/model/tags.ts';
import type { CloudError } from '../../../src/cloud/errors.ts';
import type { OperationContext } from '../../../src/cloud/provider.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { SeededRandom } from '../../../src/lib/random.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

export const cluster = 'demo.example.com';

/** Clients that answer what a test says; waits cost nothing; what was told on the way is kept. */
export function mockedAws() {
  const clock = new VirtualClock();
  clock.sleep = async (ms) => void (await clock.advance(ms));
  const aws = new AwsApi('us-east-1', { clock, random: new SeededRandom(1), variables: {} });
  const told: string[] = [];
  const context: OperationContext = { signal: new AbortController().signal, progress: (message) => told.push(message) };
  return {
    aws,
    context,
    told,
    ec2: mockClient(EC2Client),
    autoscaling: mockClient(AutoScalingClient),
    elbv2: mockClient(ElasticLoadBalancingV2Client),
    iam: mockClient(IAMClient),
    route53: mockClient(Route53Client),
  };
}

/** As the API says it, and as AwsApi hands it on. */
export function awsFailure(service: string, operation: string, name: string, message = name, httpStatusCode: number | undefined = 400): CloudError {
  return toCloudError({ name, message, $metadata: httpStatusCode === undefined ? {} : { httpStatusCode } }, service, operation);
}

export function ownTags(name: string, owner = cluster): Record<string, string> {
  return { KubernetesCluster: owner, Name: name, [ownershipTag(owner)]: 'owned' };
}

export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

interface Calls {
  calls(): { args: readonly unknown[] }[];
}

/** Names of the calls that were made, in order, without reads. */
export function writes(...stubs: readonly Calls[]): string[] {
  const calls = stubs.flatMap((stub) => stub.calls().map((call) => String((call.args[0] as object).constructor.name).replace(/Command$/, '')));
  return calls.filter((name) => !/^(Describe|Get|List|Head)/.test(name));
}
