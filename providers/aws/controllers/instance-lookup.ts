import type { Instance } from '@aws-sdk/client-ec2';
import type { NodeObject } from '../../../src/kube/objects.ts';
import type { AwsApi } from '../api/clients.ts';
import { allPages, filterValues, inBatches } from '../api/parallel.ts';
import { ownershipTag } from '../model/tags.ts';

/** How long look-ups wait for others to come along, and how long what came along with them may be told. */
const gatherMs = 10;
const freshMs = 2000;

interface Waiting {
  reference: string;
  key: string;
  answer(instance: Instance | undefined): void;
  fail(error: unknown): void;
}

interface ClusterView {
  waiting: Waiting[];
  seen?: { at: number; instances: ReadonlyMap<string, Instance>; told: Set<string> };
}

/**
 * Instances by node. Look-ups at the same time share a call, and the call brings all instances of the cluster along: a node that asks the
 * same question for the first time soon after gets its answer from there. Nobody gets the same answer to the same question twice, so that
 * whoever asks again hears of changes.
 */
export class InstanceLookup {
  readonly #aws: AwsApi;
  readonly #clusters = new Map<string, ClusterView>();

  constructor(aws: AwsApi) {
    this.#aws = aws;
  }

  /** Undefined: there is none, or it is terminated. `question`: who asks, `exists`. */
  async find(clusterName: string, node: NodeObject, question: string): Promise<Instance | undefined> {
    const view = this.#clusters.get(clusterName) ?? { waiting: [] };
    this.#clusters.set(clusterName, view);
    const reference = referenceOf(node);
    const key = `${question} ${reference}`;
    const found = this.#known(view, reference, key) ?? (await this.#ask(clusterName, view, reference, key));
    return found?.State?.Name === 'terminated' ? undefined : found;
  }

  #known({ seen }: ClusterView, reference: string, key: string): Instance | undefined {
    if (!seen || this.#aws.clock.now() - seen.at > freshMs || seen.told.has(key)) return undefined;
    seen.told.add(key);
    return seen.instances.get(reference);
  }

  #ask(clusterName: string, view: ClusterView, reference: string, key: string): Promise<Instance | undefined> {
    return new Promise((answer, fail) => {
      view.waiting.push({ reference, key, answer, fail });
      if (view.waiting.length === 1) this.#aws.clock.setTimer(gatherMs, () => void this.#answerAll(clusterName, view));
    });
  }

  async #answerAll(clusterName: string, view: ClusterView): Promise<void> {
    const { waiting } = view;
    view.waiting = [];
    try {
      const instances = byReference(await this.#describe('tag-key', [ownershipTag(clusterName)]));
      const others = [...new Set(waiting.map(({ reference }) => reference))].filter((reference) => reference.startsWith('i-') && !instances.has(reference));
      for (const [reference, instance] of byReference(await this.#describe('instance-id', others))) instances.set(reference, instance);
      view.seen = { at: this.#aws.clock.now(), instances, told: new Set(waiting.map(({ key }) => key)) };
      for (const { reference, answer } of waiting) answer(instances.get(reference));
    } catch (error) {
      for (const { fail } of waiting) fail(error);
    }
  }

  #describe(filter: string, values: readonly string[]): Promise<Instance[]> {
    return inBatches(values, filterValues, async (Values) => {
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
