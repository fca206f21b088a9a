import { expect } from 'vitest';
import { bucketActions, kindActions, objectActions } from '../../../providers/aws/permissions/kind-actions.ts';
import { isCloudError } from '../../../src/cloud/errors.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import type { KopsError } from '../../../src/lib/errors.ts';
import { faults } from './aws-cloud.ts';
import type { AwsWorld } from './compute-world.ts';
import type { KindCase } from './kind-case.ts';
import { type Course, type Failing, type State, Subject } from './kind-faults.ts';

/** Calls that need not succeed: what encryption a bucket has by itself; the end of old versions, which the next update tries again. */
const dispensable: ReadonlySet<string> = new Set(['GetBucketEncryption', 'DescribeLaunchTemplateVersions', 'DeleteLaunchTemplateVersions']);

/** Looks that pass over what they may not see: it is not the cluster's then. */
const overlooking: ReadonlySet<string> = new Set(['GetOpenIDConnectProvider', 'ListResourceRecordSets', 'GetHostedZone']);

/**
 * Makes the resource of a case, changes it in each way and deletes it: once for every call of each of these steps and every way in which that
 * call can fail. After each step there is what was wanted, and nothing beside it. Operations that a change before had are not tried again.
 */
export async function everyFault(world: AwsWorld, one: KindCase): Promise<void> {
  const course = new Faults(one, await Subject.open(world, one));
  let last: State;
  for (const change of [one.resource.attributes, ...one.changes]) {
    const next = without({ ...last, ...change });
    await course.between(last, next);
    last = next;
  }
  await course.step(undefined);
  await course.close();
}

/** A field that a change sets to undefined is one that the model does not name any more. */
function without(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

class Faults {
  readonly #case: KindCase;
  readonly #subject: Subject;
  /** Operations of changes before. */
  readonly #tried = new Set<string>();
  /** How many things are there in a state: as many as without faults. */
  readonly #added = new Map<State, number>([[undefined, 0]]);
  #actual: ActualResource[] = [];

  constructor(one: KindCase, subject: Subject) {
    this.#case = one;
    this.#subject = subject;
  }

  close(): Promise<void> {
    return this.#subject.close();
  }

  /** From one state to another and back, with each call of both ways failing in each way. Ends in the second. */
  async between(from: State, to: State): Promise<void> {
    const there = await this.step(to);
    if (from === undefined) await this.#looks();
    const back = await this.#back(from, to);
    for (let nth = 1; nth <= Math.max(there.calls.length, back.calls.length); nth++) {
      const [operation, backOperation] = [there.calls[nth - 1], back.calls[nth - 1]];
      if (!this.#isNew(operation) && !this.#isNew(backOperation)) continue;
      for (const fault of faults) {
        await this.step(to, operation === undefined ? undefined : { nth, fault, operation });
        await this.#back(from, to, backOperation === undefined ? undefined : { nth, fault, operation: backOperation });
      }
    }
    // What makes and deletes a resource may be what changes it, too, but in its own way.
    if (from) for (const operation of [...there.calls, ...back.calls]) this.#tried.add(operation);
    await this.step(to);
  }

  #isNew(operation: string | undefined): boolean {
    return operation !== undefined && !this.#tried.has(operation);
  }

  async #back(from: State, to: State, failing?: Failing): Promise<Course> {
    const lasting = from && this.#case.lasting?.some((field) => from[field] !== to?.[field]);
    if (!lasting) return this.step(from, failing);
    await this.step(undefined);
    await this.step(from);
    return { calls: [] };
  }

  async step(state: State, failing?: Failing): Promise<Course> {
    const when = `${state ? 'wanted' : 'deleted'}, ${failing ? `call ${failing.nth} (${failing.operation}) ${failing.fault}` : 'no fault'}`;
    const course = await this.#subject.become(state, this.#actual, failing);
    const operation = failing && course.calls[failing.nth - 1];
    if (failing && !dispensable.has(failing.operation)) expect(operation, when).toEqual(failing.operation);
    if (operation && failing?.fault === 'denied') this.#judge(operation, course.refusal);
    this.#actual = await this.#subject.found();
    expect(this.#subject.pending(state, this.#actual), `${when}: it is as wanted`).toEqual([]);
    const added = await this.#subject.added();
    if (!this.#added.has(state)) this.#added.set(state, added);
    expect(added, `${when}: nothing is doubled, nothing is left`).toEqual(this.#added.get(state));
    return course;
  }

  /** Who is denied something reads what, and for which resource. */
  #judge(operation: string, refusal: KopsError | undefined): void {
    const { kind, name } = this.#case.resource;
    expect(refusal || dispensable.has(operation), `${operation} is denied, and nobody is told`).toBeTruthy();
    if (!refusal) return;
    expect(refusal.message, `${operation} denied: the message names the resource`).toContain(`${kind}/${name}`);
    expectAction(operation, refusal.cause);
    expect(refusal.suggestions).toContain(`Allow ${(refusal.cause as KopsError).object}.`);
  }

  /** A look that fails says so; it never shows less than there is. */
  async #looks(): Promise<void> {
    const { calls, found } = await this.#subject.look();
    for (const [i, operation] of calls.entries()) for (const fault of faults) await this.#lookFails({ nth: i + 1, fault, operation }, found);
  }

  async #lookFails(failing: Failing, found: readonly ActualResource[]): Promise<void> {
    const { operation } = failing;
    const looked = await this.#subject.look(failing).catch((error: unknown) => error);
    if (failing.fault !== 'denied') expect(looked, `a look, ${operation} ${failing.fault}`).toMatchObject({ found });
    else if (!overlooking.has(operation)) expectAction(operation, looked);
  }
}

const tagActions = ['ec2:CreateTags', 'ec2:DeleteTags', 'elasticloadbalancing:AddTags', 'elasticloadbalancing:RemoveTags'];
/** All that `get iam-policy` may print for an operator. */
const operatorActions = new Set([
  ...Object.values(kindActions).flatMap(({ read, make = [], change = [], named = [], parts }) => [...read, ...make, ...change, ...named, ...(parts?.change ?? [])]),
  ...tagActions,
  ...bucketActions,
  ...objectActions,
]);

/** It names an action that can be allowed. */
function expectAction(operation: string, error: unknown): void {
  if (!isCloudError(error, 'denied')) throw new Error(`${operation} denied: it ends with ${error}`);
  expect(operatorActions, `${operation} denied: the action that is named is one of the operator's policy`).toContain(error.object);
}
