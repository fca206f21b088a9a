import type { AutoScaling } from '@aws-sdk/client-auto-scaling';
import type { EC2 } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { EventBridge } from '@aws-sdk/client-eventbridge';
import type { IAM } from '@aws-sdk/client-iam';
import type { Route53 } from '@aws-sdk/client-route-53';
import type { S3 } from '@aws-sdk/client-s3';
import type { SQS } from '@aws-sdk/client-sqs';
import type { SSM } from '@aws-sdk/client-ssm';
import type { STS } from '@aws-sdk/client-sts';
import type { Clock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { Attempts } from './attempts.ts';
import { toCloudError } from './errors.ts';

export interface AwsServices {
  ec2: EC2;
  autoscaling: AutoScaling;
  elbv2: ElasticLoadBalancingV2;
  iam: IAM;
  route53: Route53;
  sqs: SQS;
  events: EventBridge;
  s3: S3;
  ssm: SSM;
  sts: STS;
}

interface ClientConfig {
  region: string;
  maxAttempts: number;
  forcePathStyle?: boolean;
  followRegionRedirects?: boolean;
}

/** Each client is megabytes of code: loaded when the first call of its service is made. */
const load: { [Service in keyof AwsServices]: (config: ClientConfig) => Promise<AwsServices[Service]> } = {
  ec2: async (config) => new (await import('@aws-sdk/client-ec2')).EC2(config),
  autoscaling: async (config) => new (await import('@aws-sdk/client-auto-scaling')).AutoScaling(config),
  elbv2: async (config) => new (await import('@aws-sdk/client-elastic-load-balancing-v2')).ElasticLoadBalancingV2(config),
  iam: async (config) => new (await import('@aws-sdk/client-iam')).IAM(config),
  route53: async (config) => new (await import('@aws-sdk/client-route-53')).Route53(config),
  sqs: async (config) => new (await import('@aws-sdk/client-sqs')).SQS(config),
  events: async (config) => new (await import('@aws-sdk/client-eventbridge')).EventBridge(config),
  s3: async (config) => new (await import('@aws-sdk/client-s3')).S3(config),
  ssm: async (config) => new (await import('@aws-sdk/client-ssm')).SSM(config),
  sts: async (config) => new (await import('@aws-sdk/client-sts')).STS(config),
};

/** What all clients have in common, as far as it is needed here. */
interface AnyClient {
  middlewareStack: { add(middleware: Middleware, options: { step: 'initialize'; name: string; priority: 'high' }): void };
  destroy(): void;
}
type Middleware = (next: (args: unknown) => Promise<unknown>, context: { commandName?: string }) => (args: unknown) => Promise<unknown>;

/** The AWS APIs of one region. Every call throws CloudError. Credentials and AWS_ENDPOINT_URL are found as every AWS tool finds them. */
export class AwsApi {
  readonly region: string;
  /** What waits is on it. */
  readonly clock: Clock;
  readonly attempts: Attempts;
  readonly #endpoint: string | undefined;
  readonly #open = new Map<string, Promise<AnyClient>>();

  constructor(region: string, environment: Pick<Environment, 'clock' | 'random' | 'variables'>) {
    this.region = region;
    this.clock = environment.clock;
    this.attempts = new Attempts(environment.random);
    this.#endpoint = environment.variables.AWS_ENDPOINT_URL;
  }

  /** For reads, and for writes that may be repeated: the SDK retries throttling and resets by itself. */
  service<Service extends keyof AwsServices>(service: Service): Promise<AwsServices[Service]> {
    return this.#client(service, 4);
  }

  /** For creates without an idempotency token: one attempt, so that after an ambiguous error the thing can be looked up and adopted. */
  once<Service extends keyof AwsServices>(service: Service): Promise<AwsServices[Service]> {
    return this.#client(service, 1);
  }

  async close(): Promise<void> {
    for (const client of await Promise.all(this.#open.values())) client.destroy();
    this.#open.clear();
  }

  #client<Service extends keyof AwsServices>(service: Service, maxAttempts: number): Promise<AwsServices[Service]> {
    const key = `${service} ${maxAttempts}`;
    const open = this.#open.get(key);
    if (open) return open as Promise<unknown> as Promise<AwsServices[Service]>;
    const client = load[service]({ region: this.region, maxAttempts, ...(service === 's3' ? this.#s3Config() : {}) }).then((made) => {
      const stack = (made as unknown as AnyClient).middlewareStack;
      stack.add(throwingCloudErrors(service), { step: 'initialize', name: 'cloudErrors', priority: 'high' });
      return made;
    });
    this.#open.set(key, client as Promise<unknown> as Promise<AnyClient>);
    return client as Promise<AwsServices[Service]>;
  }

  /** A bucket may be in another region. Other servers than Amazon's know no bucket names in host names. */
  #s3Config(): Partial<ClientConfig> {
    return this.#endpoint === undefined ? { followRegionRedirects: true } : { forcePathStyle: true };
  }
}

function throwingCloudErrors(service: string): Middleware {
  return (next, context) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      throw toCloudError(error, service, (context.commandName ?? 'call').replace(/Command$/, ''));
    }
  };
}
