import { type DhcpOptions, EC2, type Tag } from '@aws-sdk/client-ec2';
import { AwsApi, type AwsServices } from '../../../providers/aws/api/clients.ts';
import { type AwsKinds, awsKinds, type Published } from '../../../providers/aws/kinds.ts';
import { type ActualResource, type DesiredResource, resourceKey } from '../../../src/cloud/resource.ts';
import { type Timer, VirtualClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { applyPlan } from '../../../src/plan/apply-plan.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import { deleteAll } from '../../../src/plan/delete-all.ts';
import { type Plan, pendingChanges } from '../../../src/plan/plan.ts';
import { clusterName } from './network.ts';

process.env.AWS_ACCESS_KEY_ID ??= 'test';
process.env.AWS_SECRET_ACCESS_KEY ??= 'test';

/** Waits cost nothing: time jumps to what is waited for. */
class HastyClock extends VirtualClock {
  override setTimer(delayMs: number, callback: () => void): Timer {
    const timer = super.setTimer(delayMs, callback);
    setImmediate(() => void this.advance(delayMs));
    return timer;
  }
}

export function hastyEnvironment(endpoint: string): Environment {
  return { clock: new HastyClock(), random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: { AWS_ENDPOINT_URL: endpoint } };
}

export const never = new AbortController().signal;

/** An AWS on loopback, with the engine that plans and applies. */
export class AwsCloud {
  readonly environment: Environment;
  aws: AwsApi;
  #choose: ChooseFault = () => undefined;

  readonly #published: Published;

  constructor(endpoint: string, published: Published = { contents: () => new Map() }) {
    this.#published = published;
    process.env.AWS_ENDPOINT_URL = endpoint;
    this.environment = hastyEnvironment(endpoint);
    this.aws = this.#open();
  }

  #open(): AwsApi {
    return new FaultyAws('us-east-1', this.environment, (command) => this.#choose(command));
  }

  #all(): AwsKinds {
    return awsKinds(this.aws, this.#published);
  }

  inventory(): Promise<ActualResource[]> {
    return this.#all().inventory(clusterName, never);
  }

  async plan(desired: readonly DesiredResource[], prune = true): Promise<Plan> {
    const actual = await this.inventory();
    return buildPlan({ clusterName, provider: 'aws', region: 'us-east-1', desired, actual, kinds: this.#all().kinds, scope: { prune } });
  }

  async apply(desired: readonly DesiredResource[]): Promise<string[]> {
    const plan = await this.plan(desired);
    await applyPlan(plan, { kinds: this.#all().kinds, environment: this.environment, onEvent: () => {}, concurrency: 4 });
    return actionsOf(plan);
  }

  async delete(): Promise<void> {
    await deleteAll({ inventory: () => this.inventory(), kinds: this.#all().kinds, environment: this.environment, onEvent: () => {}, concurrency: 4 });
  }

  /** As after a restart: nothing is remembered. Faults stay. */
  async restart(): Promise<void> {
    await this.aws.close();
    this.aws = this.#open();
  }

  /** From now on `choose` decides which calls fail, and how. */
  failCalls(choose: ChooseFault): void {
    this.#choose = choose;
  }
}

/** `create VPC/demo.example.com`, with the fields of a change. */
export function actionsOf(plan: Plan): string[] {
  return pendingChanges(plan).map((change) => `${change.action} ${resourceKey(change)}${'changes' in change ? ` ${change.changes.map(({ field }) => field).join()}` : ''}`);
}

/** As the wire would fail: what the SDK retries, it retries. `lostAnswer`: the call has its effect. */
export const faults = ['throttled', 'denied', 'reset', 'lostAnswer'] as const;
export type Fault = (typeof faults)[number];

/** By the name of an operation: `CreateVpc`. */
export type ChooseFault = (command: string) => Fault | undefined;

interface Call {
  input: { TagSpecifications?: { Tags?: Tag[] }[]; NatGatewayId?: string };
}

interface Answer {
  output: { DhcpOptions?: DhcpOptions };
}

interface Client {
  middlewareStack: { add(middleware: (next: (call: Call) => Promise<Answer>, context: { commandName?: string }) => (call: Call) => Promise<Answer>, options: object): void };
  config: { retryStrategy(): Promise<object> };
}

/** The APIs of a server whose calls fail where `choose` says so. */
export class FaultyAws extends AwsApi {
  readonly #choose: ChooseFault;
  readonly #seen = new WeakSet<object>();

  constructor(region: string, environment: Environment, choose: ChooseFault) {
    super(region, environment);
    this.#choose = choose;
  }

  override async service<Service extends keyof AwsServices>(service: Service): Promise<AwsServices[Service]> {
    return this.#faulty(await super.service(service));
  }

  override async once<Service extends keyof AwsServices>(service: Service): Promise<AwsServices[Service]> {
    return this.#faulty(await super.once(service));
  }

  async #faulty<Service extends object>(client: Service): Promise<Service> {
    if (this.#seen.has(client)) return client;
    this.#seen.add(client);
    const { middlewareStack, config } = client as Client;
    middlewareStack.add(
      (next, { commandName = '' }) =>
        async (call) => {
          const command = commandName.replace(/Command$/, '');
          const fault = this.#choose(command);
          if (fault !== undefined && fault !== 'lostAnswer') throw errorOf(fault);
          const answer = await next(call);
          await corrections[command]?.(call, answer);
          if (fault === undefined) return answer;
          throw errorOf(fault);
        },
      { step: 'deserialize', name: 'fault', priority: 'high' },
    );
    Object.assign(await config.retryStrategy(), { retryBackoffStrategy: withoutWaiting });
    return client;
  }
}

const ec2 = () => new EC2({ region: 'us-east-1' });

/** What AWS does with some calls, and moto does not. */
const corrections: Readonly<Record<string, (call: Call, answer: Answer) => Promise<void>>> = {
  // It drops the tags, so that nobody could find those again whose answer was lost.
  CreateDhcpOptions: async ({ input: { TagSpecifications: [{ Tags } = {}] = [] } }, { output: { DhcpOptions } }) => {
    await ec2().createTags({ Resources: [DhcpOptions?.DhcpOptionsId ?? ''], Tags });
    Object.assign(DhcpOptions ?? {}, { Tags });
  },
  // It does not let go of the gateway's address.
  DeleteNatGateway: async ({ input: { NatGatewayId = '' } }) => {
    const { NatGateways: [gateway] = [] } = await ec2().describeNatGateways({ NatGatewayIds: [NatGatewayId] });
    const AllocationIds = [gateway?.NatGatewayAddresses?.[0]?.AllocationId ?? ''];
    const { Addresses: [address] = [] } = await ec2().describeAddresses({ AllocationIds });
    if (address?.AssociationId) await ec2().disassociateAddress({ AssociationId: address.AssociationId });
  },
};

/** Between the attempts that the SDK makes by itself. */
const withoutWaiting = { computeNextBackoffDelay: () => 0, setDelayBase: () => {} };

function errorOf(fault: Fault): Error {
  if (fault === 'throttled') return awsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
  if (fault === 'denied') return awsError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
  return Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
}

function awsError(name: string, message: string, httpStatusCode: number): Error {
  return Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode } });
}
