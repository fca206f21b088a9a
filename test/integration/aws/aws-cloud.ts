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
  #services: readonly (keyof AwsServices)[] = [];
  #faults: ChooseFault = () => undefined;

  readonly #published: Published;

  constructor(endpoint: string, published: Published = { contents: () => new Map() }) {
    this.#published = published;
    process.env.AWS_ENDPOINT_URL = endpoint;
    this.environment = hastyEnvironment(endpoint);
    this.aws = new AwsApi('us-east-1', this.environment);
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
    this.aws = new AwsApi('us-east-1', this.environment);
    await injectFaults(this.aws, this.#services, this.#faults);
  }

  /** From now on `choose` decides which calls of these services fail, and how. */
  async failCalls(services: readonly (keyof AwsServices)[], choose: ChooseFault): Promise<void> {
    this.#services = services;
    this.#faults = choose;
    await injectFaults(this.aws, services, choose);
  }
}

/** `create VPC/demo.example.com`, with the fields of a change. */
export function actionsOf(plan: Plan): string[] {
  return pendingChanges(plan).map((change) => `${change.action} ${resourceKey(change)}${'changes' in change ? ` ${change.changes.map(({ field }) => field).join()}` : ''}`);
}

export const allServices: readonly (keyof AwsServices)[] = ['ec2', 'autoscaling', 'elbv2', 'iam', 'route53', 'sqs', 'events', 's3'];

/** moto drops the tags of these, so that nobody could find one again whose answer was lost. */
export const untaggedByMoto: ReadonlySet<string> = new Set(['CreateDhcpOptions']);

/** As the wire would fail: what the SDK retries, it retries. `lostAnswer`: the call has its effect. */
export type Fault = 'throttled' | 'denied' | 'reset' | 'lostAnswer';

export type ChooseFault = (command: string) => Fault | undefined;

export async function injectFaults(aws: AwsApi, services: readonly (keyof AwsServices)[], choose: ChooseFault): Promise<void> {
  for (const client of await Promise.all(services.flatMap((service) => [aws.service(service), aws.once(service)]))) {
    const middleware = (next: (args: unknown) => Promise<unknown>, context: { commandName?: string }) => async (args: unknown) => {
      const fault = choose((context.commandName ?? '').replace(/Command$/, ''));
      if (fault === undefined) return next(args);
      if (fault === 'lostAnswer') await next(args);
      throw errorOf(fault);
    };
    const stack = client.middlewareStack as unknown as { add(middleware: unknown, options: object): void };
    stack.add(middleware, { step: 'deserialize', name: 'fault', override: true, priority: 'high' });
  }
}

function errorOf(fault: Fault): Error {
  if (fault === 'throttled') return awsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
  if (fault === 'denied') return awsError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
  return Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
}

function awsError(name: string, message: string, httpStatusCode: number): Error {
  return Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode } });
}
