import { AwsApi, type AwsServices } from '../../../providers/aws/api/clients.ts';
import { Inventory } from '../../../providers/aws/resources/inventory.ts';
import { resourceKind } from '../../../providers/aws/resources/resource-kind.ts';
import type { ActualResource, DesiredResource } from '../../../src/cloud/resource.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import { applyPlan } from '../../../src/plan/apply-plan.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { contentsOfAccount } from './account-contents.ts';
import { actionsOf, type Fault, FaultyAws, hastyEnvironment } from './aws-cloud.ts';
import { type AwsWorld, cluster, region } from './compute-world.ts';
import type { KindCase } from './kind-case.ts';

/** What a resource is to be like. Undefined: there is to be none. */
export type State = KindCase['resource']['attributes'] | undefined;

/** The n-th call fails. */
export interface Failing {
  nth: number;
  fault: Fault;
  /** What is called then when nothing fails. */
  operation: string;
}

/** What one change took. */
export interface Course {
  /** Operations in the order in which they were called. */
  calls: readonly string[];
  /** How the run ended in which the call was denied. */
  refusal?: KopsError;
}

/** One resource in an account that holds what it refers to. Each change of it is a plan that is applied, as `update cluster` does it. */
export class Subject {
  readonly #world: AwsWorld;
  readonly #case: KindCase;
  readonly #environment: Environment;
  readonly #clients: AwsApi;
  #aws: AwsApi;
  #calls: string[] = [];
  #failing: Failing | undefined;
  /** What was there before it. */
  readonly #others = new Set<string>();
  #otherContents: readonly string[] = [];

  static async open(world: AwsWorld, one: KindCase): Promise<Subject> {
    const subject = new Subject(world, one);
    for (const { id } of await subject.#list(world.aws)) subject.#others.add(id);
    subject.#otherContents = await contentsOfAccount(world.aws, one.resource.kind);
    return subject;
  }

  private constructor(world: AwsWorld, one: KindCase) {
    this.#world = world;
    this.#case = one;
    this.#environment = hastyEnvironment(world.endpoint);
    this.#clients = new FaultyAws(region, this.#environment, (command) => (this.#calls.push(command) === this.#failing?.nth ? this.#failing.fault : undefined));
    this.#aws = this.#clients;
  }

  /** Makes it what is wanted, or nothing. What is denied ends the run, as for a user, who has it granted and starts another. */
  async become(attributes: State, actual: readonly ActualResource[], failing?: Failing): Promise<Course> {
    this.#restart(failing);
    const calls = this.#calls;
    const desired = this.#desired(attributes);
    try {
      await this.#apply(this.#plan(desired, actual));
      return { calls };
    } catch (error) {
      if (failing?.fault !== 'denied' || !(error instanceof KopsError)) throw error;
      this.#restart();
      await this.#apply(this.#plan(desired, await this.found()));
      return { calls, refusal: error };
    }
  }

  /** What a look at the kind finds of it, with one of the calls failing. */
  async look(failing?: Failing): Promise<Course & { found: ActualResource[] }> {
    this.#restart(failing);
    return { found: await this.#own(this.#aws), calls: this.#calls };
  }

  found(): Promise<ActualResource[]> {
    return this.#own(this.#world.aws);
  }

  /** What a plan would still change. */
  pending(attributes: State, actual: readonly ActualResource[]): string[] {
    return actionsOf(this.#plan(this.#desired(attributes), actual));
  }

  /** How many things the account has more than before, whosever they are. */
  async added(): Promise<number> {
    return (await contentsOfAccount(this.#world.aws, this.#case.resource.kind)).length - this.#otherContents.length;
  }

  close(): Promise<void> {
    return this.#clients.close();
  }

  #desired(attributes: State): DesiredResource[] {
    const { kind, name } = this.#case.resource;
    return attributes ? [{ kind, name, attributes: attributes as DesiredResource['attributes'] }] : [];
  }

  #plan(desired: readonly DesiredResource[], actual: readonly ActualResource[]): Plan {
    return buildPlan({ clusterName: cluster, provider: 'aws', region, desired, actual, kinds: this.#kinds() });
  }

  async #apply(plan: Plan): Promise<void> {
    await applyPlan(plan, { kinds: this.#kinds(), environment: this.#environment, onEvent: () => {} });
  }

  #kinds() {
    const { kind } = this.#case;
    return new Map([[kind.kind as string, resourceKind(this.#aws, kind, 0, undefined)]]);
  }

  async #own(aws: AwsApi): Promise<ActualResource[]> {
    return (await this.#list(aws)).filter(({ id }) => !this.#others.has(id));
  }

  #list(aws: AwsApi): Promise<ActualResource[]> {
    return this.#case.kind.list(new Inventory(aws, cluster, this.#environment.signal));
  }

  /** Another process remembers nothing. */
  #restart(failing?: Failing): void {
    this.#calls = [];
    this.#failing = failing;
    this.#aws = new OtherProcess(region, this.#environment, this.#clients);
  }
}

/** Clients take a while to make: those of before serve once more. */
class OtherProcess extends AwsApi {
  readonly #clients: AwsApi;

  constructor(region: string, environment: Environment, clients: AwsApi) {
    super(region, environment);
    this.#clients = clients;
  }

  override service<Service extends keyof AwsServices>(service: Service): Promise<AwsServices[Service]> {
    return this.#clients.service(service);
  }

  override once<Service extends keyof AwsServices>(service: Service): Promise<AwsServices[Service]> {
    return this.#clients.once(service);
  }
}
