import type { Instance } from '@aws-sdk/client-ec2';
import type { NodeObject } from '../../../src/kube/objects.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages, inBatches } from '../api/parallel.ts';

/** How long look-ups wait for others to come along, and how long what came along with them may be told. */
const gatherMs = 10;
const freshMs = 2000;
/** EC2 takes so many values in one filter. */
const valuesOfFilter = 200;

interface Waiting {
  reference: string;
  answer(instance: Instance | undefined): void;
  fail(error: unknown): void;
}

/**
 * Instances by node. Look-ups at the same time share a call, and the call brings all instances of the cluster along: a node that asks the
 * same question for the first time soon after gets its answer from there. Nobody gets the same answer to the same question twice, so that
 * whoever asks again hears of changes.
 */
export class InstanceLookup {
  readonly #aws: AwsApi;
  #waiting: Waiting[] = [];
  #cluster: string | undefined;
  #seen: { at: number; instances: ReadonlyMap<string, Instance>; told: Set<string> } | undefined;

  constructor(aws: AwsApi) {
    this.#aws = aws;
  }

  /** Undefined: there is none, or it is terminated. `question`: who asks, `exists`. */
  async find(node: NodeObject, question: string): Promise<Instance | undefined> {
    const reference = referenceOf(node);
    const found = this.#known(reference, question) ?? (await this.#ask(reference));
    return found?.State?.Name === 'terminated' ? undefined : found;
  }

  #known(reference: string, question: string): Instance | undefined {
    const seen = this.#seen;
    const key = `${question} ${reference}`;
    if (!seen || this.#aws.clock.now() - seen.at > freshMs || seen.told.has(key)) return undefined;
    seen.told.add(key);
    return seen.instances.get(reference);
  }

  #ask(reference: string): Promise<Instance | undefined> {
    return new Promise((answer, fail) => {
      this.#waiting.push({ reference, answer, fail });
      if (this.#waiting.length === 1) this.#aws.clock.setTimer(gatherMs, () => void this.#answerAll());
    });
  }

  async #answerAll(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const references = [...new Set(waiting.map(({ reference }) => reference))];
    try {
      const instances = byReference(this.#cluster === undefined ? [] : await this.#describe('tag-key', [this.#cluster]));
      const missing = references.filter((reference) => !instances.has(reference));
      const others = [
        this.#describe('instance-id', missing.filter(isId)),
        this.#describe(
          'private-dns-name',
          missing.filter((reference) => !isId(reference)),
        ),
      ];
      for (const [reference, instance] of byReference((await Promise.all(others)).flat())) instances.set(reference, instance);
      this.#seen = { at: this.#aws.clock.now(), instances, told: new Set() };
      this.#cluster ??= clusterKey([...instances.values()]);
      for (const { reference, answer } of waiting) answer(instances.get(reference));
    } catch (error) {
      for (const { fail } of waiting) fail(error);
    }
  }

  #describe(filter: string, values: readonly string[]): Promise<Instance[]> {
    return inBatches(values, valuesOfFilter, async (Values) => {
      const ec2 = await this.#aws.service('ec2');
      return allPages(async (NextToken) => {
        const page = await ec2.describeInstances({ Filters: [{ Name: filter, Values }], NextToken });
        return { items: (page.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []), next: page.NextToken };
      });
    });
  }
}

/** An instance id where the provider id or the name has one, else the private DNS name. */
function referenceOf({ metadata, spec }: NodeObject): string {
  return /^aws:\/\/\/[^/]*\/(i-[0-9a-f]+)$/.exec(spec.providerID ?? '')?.[1] ?? /^(i-[0-9a-f]{8,17})(\.|$)/.exec(metadata.name)?.[1] ?? metadata.name;
}

function isId(reference: string): boolean {
  return reference.startsWith('i-');
}

/** A DNS name is used again: one that runs comes before one that did. */
function byReference(instances: readonly Instance[]): Map<string, Instance> {
  const map = new Map<string, Instance>();
  for (const instance of instances) {
    map.set(instance.InstanceId ?? '', instance);
    const name = instance.PrivateDnsName;
    if (name && (!map.has(name) || instance.State?.Name !== 'terminated')) map.set(name, instance);
  }
  return map;
}

function clusterKey(instances: readonly Instance[]): string | undefined {
  return instances.flatMap((instance) => instance.Tags ?? []).find((tag) => tag.Key?.startsWith('kubernetes.io/cluster/'))?.Key;
}
