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
import { requirePackage } from '../../../src/lib/require-package.ts';
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
  useQueueUrlAsEndpoint?: boolean;
  requestHandler?: { httpsAgent: { keepAlive: boolean; maxSockets: number; proxyEnv: Environment['variables'] } };
}

/** The package and the class of each service. */
const clients: Readonly<Record<keyof AwsServices, readonly [string, string]>> = {
  ec2: ['@aws-sdk/client-ec2', 'EC2'],
  autoscaling: ['@aws-sdk/client-auto-scaling', 'AutoScaling'],
  elbv2: ['@aws-sdk/client-elastic-load-balancing-v2', 'ElasticLoadBalancingV2'],
  iam: ['@aws-sdk/client-iam', 'IAM'],
  route53: ['@aws-sdk/client-route-53', 'Route53'],
  sqs: ['@aws-sdk/client-sqs', 'SQS'],
  events: ['@aws-sdk/client-eventbridge', 'EventBridge'],
  s3: ['@aws-sdk/client-s3', 'S3'],
  ssm: ['@aws-sdk/client-ssm', 'SSM'],
  sts: ['@aws-sdk/client-sts', 'STS'],
};

/** An account's calls are counted together: a plan of many groups beside other tools is throttled for some seconds, and nothing above repeats a look. */
const readAttempts = 8;

/** Each client is megabytes of code: loaded when the first call of its service is made. */
function load(service: keyof AwsServices, config: ClientConfig): AnyClient {
  const [name, client] = clients[service];
  const Client = (requirePackage(name) as Record<string, new (config: ClientConfig) => AnyClient>)[client];
  if (!Client) throw new TypeError(`${name} has no ${client}`);
  return new Client(config);
}

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
  readonly #s3Endpoint: string | undefined;
  readonly #proxy: Partial<ClientConfig>;
  readonly #open = new Map<string, AnyClient>();

  constructor(region: string, environment: Pick<Environment, 'clock' | 'random' | 'variables'>) {
    this.region = region;
    this.clock = environment.clock;
    this.attempts = new Attempts(environment.random);
    this.#s3Endpoint = environment.variables.AWS_ENDPOINT_URL_S3 || environment.variables.AWS_ENDPOINT_URL || undefined;
    this.#proxy = proxyConfig(environment.variables);
  }

  /** For reads, and for writes that may be repeated: the SDK retries throttling and resets by itself. */
  async service<Service extends keyof AwsServices>(service: Service): Promise<AwsServices[Service]> {
    return this.#client(service, readAttempts);
  }

  /** For creates without an idempotency token: one attempt, so that after an ambiguous error the thing can be looked up and adopted. */
  async once<Service extends keyof AwsServices>(service: Service): Promise<AwsServices[Service]> {
    return this.#client(service, 1);
  }

  async close(): Promise<void> {
    for (const client of this.#open.values()) client.destroy();
    this.#open.clear();
  }

  #client<Service extends keyof AwsServices>(service: Service, maxAttempts: number): AwsServices[Service] {
    const key = `${service} ${maxAttempts}`;
    const open = this.#open.get(key);
    if (open) return open as unknown as AwsServices[Service];
    const client = load(service, { region: this.region, maxAttempts, ...this.#proxy, ...this.#ownConfig(service) });
    client.middlewareStack.add(throwingCloudErrors(service), { step: 'initialize', name: 'cloudErrors', priority: 'high' });
    this.#open.set(key, client);
    return client as unknown as AwsServices[Service];
  }

  #ownConfig(service: keyof AwsServices): Partial<ClientConfig> {
    if (service === 's3') return this.#s3Config();
    // Its address is the region's, or that of AWS_ENDPOINT_URL, as for all others.
    return service === 'sqs' ? { useQueueUrlAsEndpoint: false } : {};
  }

  /** A bucket may be in another region. Other servers than Amazon's know no bucket names in host names. */
  #s3Config(): Partial<ClientConfig> {
    return this.#s3Endpoint === undefined ? { followRegionRedirects: true } : { forcePathStyle: true };
  }
}

/** Calls go through the proxy that the environment names, where Node.js gives its agents one: from 24.5 on, which instances have. */
function proxyConfig(variables: Environment['variables']): Partial<ClientConfig> {
  if (!variables.https_proxy && !variables.HTTPS_PROXY) return {};
  return { requestHandler: { httpsAgent: { keepAlive: true, maxSockets: 50, proxyEnv: variables } } };
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
