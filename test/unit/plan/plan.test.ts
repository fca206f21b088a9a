import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { ResourceKind } from '../../../src/cloud/provider.ts';
import { type ActualResource, type DesiredResource, ref } from '../../../src/cloud/resource.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { applyPlan } from '../../../src/plan/apply-plan.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import { deleteAll } from '../../../src/plan/delete-all.ts';
import type { ApplyEvent } from '../../../src/plan/events.ts';
import { pendingChanges } from '../../../src/plan/plan.ts';
import { planToJson, renderPlan } from '../../../src/plan/render-plan.ts';

/** A cloud of two kinds: Networks, and Hosts that stand in one. `size` changes in place, `network` and `cidr` replace. */
class TinyCloud {
  readonly things = new Map<string, ActualResource>();
  calls = 0;
  failAt: number | undefined;
  failure: (call: number) => Error = (call) => new CloudError('throttled', 'anything', `call ${call} throttled`);
  private nextId = 1;

  readonly kinds = new Map<string, ResourceKind>([
    ['Network', this.kind('Network', 0)],
    ['Host', this.kind('Host', 1)],
  ]);

  private kind(kind: string, rank: number): ResourceKind {
    return {
      kind,
      rank,
      effect: (changes) => (changes.some((change) => change !== 'size') ? 'replace' : 'update'),
      create: async (resource) => {
        this.call();
        const existing = this.things.get(`${kind}/${resource.name}`);
        if (existing) return existing;
        const id = `${kind.toLowerCase()}-${this.nextId++}`;
        const made: ActualResource = { kind, name: resource.name, id, attributes: { ...resource.attributes }, outputs: { id }, owned: true };
        this.things.set(`${kind}/${resource.name}`, made);
        this.afterwards();
        return made;
      },
      update: async (actual, resource) => {
        this.call();
        const made = { ...actual, attributes: { ...resource.attributes } };
        this.things.set(`${kind}/${actual.name}`, made);
        return made;
      },
      delete: async (actual) => {
        this.call();
        const user = [...this.things.values()].find((thing) => thing.attributes.network === actual.id);
        if (user) throw new CloudError('dependency', 'delete', `${actual.name} is used by ${user.name}`, { blockers: [user.name] });
        this.things.delete(`${kind}/${actual.name}`);
      },
      deleteAfter: (actual, all) => all.filter((other) => other.attributes.network === actual.id),
    };
  }

  private call(): void {
    if (++this.calls === this.failAt) throw this.failure(this.calls);
  }

  private afterwards(): void {
    if (this.ambiguousAt !== undefined && this.calls === this.ambiguousAt) throw new CloudError('ambiguous', 'create', 'connection reset');
  }

  ambiguousAt: number | undefined;
}

function environment(signal = new AbortController().signal): Environment {
  const clock = new VirtualClock();
  // Back-off waits are skipped: the clock jumps whenever somebody sleeps.
  clock.sleep = async (ms) => void (await clock.advance(ms));
  return { clock, random: new SeededRandom(1), log: silentLog, signal, variables: {} };
}

const network = (name: string, cidr = '10.0.0.0/8'): DesiredResource => ({ kind: 'Network', name, attributes: { cidr } });
const host = (name: string, on: string, size = 1): DesiredResource => ({ kind: 'Host', name, attributes: { size, network: ref('Network', on) } });

const plan = (cloud: TinyCloud, desired: DesiredResource[]) =>
  buildPlan({ clusterName: 'c', provider: 'tiny', region: 'r', desired, actual: [...cloud.things.values()], kinds: cloud.kinds });
const apply = (cloud: TinyCloud, desired: DesiredResource[], onEvent: (event: ApplyEvent) => void = () => {}, env = environment()) =>
  applyPlan(plan(cloud, desired), { kinds: cloud.kinds, environment: env, onEvent, retryLimitMs: 1000 });

describe('plan', () => {
  it('creates what is missing, changes what differs, deletes what nobody wants, and then has nothing to do', async () => {
    const cloud = new TinyCloud();
    await apply(cloud, [network('a'), host('h', 'a'), host('gone', 'a')]);
    const wanted = [network('a'), host('h', 'a', 2), host('new', 'a')];
    expect(pendingChanges(plan(cloud, wanted)).map((change) => `${change.action} ${change.name}`)).toEqual(['delete gone', 'update h', 'create new']);
    await apply(cloud, wanted);
    expect(pendingChanges(plan(cloud, wanted))).toEqual([]);
    expect(renderPlan(plan(cloud, wanted))).toContain('No changes');
  });

  it('replaces what refers to something that is replaced', async () => {
    const cloud = new TinyCloud();
    await apply(cloud, [network('a'), host('h', 'a')]);
    const wanted = [network('a', '10.0.0.0/9'), host('h', 'a')];
    expect(pendingChanges(plan(cloud, wanted)).map((change) => `${change.action} ${change.kind}`)).toEqual(['replace Network', 'replace Host']);
    await apply(cloud, wanted);
    expect(pendingChanges(plan(cloud, wanted))).toEqual([]);
  });

  it('changes what refers to an output that a change in place gives a new value, in the same plan', async () => {
    const cloud = new TinyCloud();
    const template = cloud.kinds.get('Network') as ResourceKind;
    const versioned = (resource: ActualResource) => ({ ...resource, outputs: { ...resource.outputs, version: `of ${resource.attributes.size}` } });
    cloud.kinds.set('Network', {
      ...template,
      effect: () => 'roll',
      newOutputs: (changes) => (changes.includes('size') ? ['version'] : []),
      create: async (resource, context) => versioned(await template.create(resource, context)),
      update: async (actual, resource, changes, context) => versioned(await template.update(actual, resource, changes, context)),
    });
    const wanted = (size: number): DesiredResource[] => [
      { kind: 'Network', name: 'template', attributes: { size } },
      { kind: 'Host', name: 'group', attributes: { size: ref('Network', 'template', 'version') } },
    ];
    const remember = () => cloud.things.set('Network/template', versioned(cloud.things.get('Network/template') as ActualResource));
    await apply(cloud, wanted(1));
    remember();
    expect(pendingChanges(plan(cloud, wanted(2))).map((change) => `${change.action} ${change.name}`)).toEqual(['roll template', 'update group']);
    await apply(cloud, wanted(2));
    remember();
    expect(pendingChanges(plan(cloud, wanted(2)))).toEqual([]);
    expect(cloud.things.get('Host/group')?.attributes.size).toBe('of 2');
  });

  it('sees no difference in the order of a list that is a set', async () => {
    const cloud = new TinyCloud();
    const zones = (...names: string[]): DesiredResource => ({ kind: 'Host', name: 'h', attributes: { zones: names } });
    await apply(cloud, [zones('a', 'b')]);
    expect(pendingChanges(plan(cloud, [zones('b', 'a')]))).toHaveLength(1);
    cloud.kinds.set('Host', { ...(cloud.kinds.get('Host') as ResourceKind), unordered: ['zones'] });
    expect(pendingChanges(plan(cloud, [zones('b', 'a')]))).toEqual([]);
    expect(pendingChanges(plan(cloud, [zones('b', 'c')]))).toHaveLength(1);
  });

  it('leaves to the cloud what the model does not name, except what its kind can clear', async () => {
    const cloud = new TinyCloud();
    const described = (attributes: DesiredResource['attributes']): DesiredResource => ({ kind: 'Host', name: 'h', attributes });
    await apply(cloud, [described({ price: '0.1', address: '10.0.0.1' })]);
    expect(pendingChanges(plan(cloud, [described({})]))).toEqual([]);
    cloud.kinds.set('Host', { ...(cloud.kinds.get('Host') as ResourceKind), clearable: ['price'] });
    expect(pendingChanges(plan(cloud, [described({})]))).toMatchObject([{ name: 'h', changes: [{ field: 'price', old: '0.1', new: null }] }]);
    expect(pendingChanges(plan(cloud, [described({ price: '0.1' })]))).toEqual([]);
  });

  it('shows a change that its kind knows to be impossible, and does not apply it', async () => {
    const cloud = new TinyCloud();
    await apply(cloud, [network('n')]);
    const own = cloud.kinds.get('Network') as ResourceKind;
    cloud.kinds.set('Network', { ...own, refuses: (actual, wanted) => (actual.attributes.cidr === wanted.cidr ? undefined : `cannot become ${wanted.cidr}`) });
    expect(plan(cloud, [network('n')]).findings).toEqual([]);
    const refused = plan(cloud, [network('n', '10.0.0.0/9')]);
    expect(refused.findings).toEqual([{ severity: 'error', kind: 'Network', name: 'n', message: 'Network/n cannot become 10.0.0.0/9' }]);
    await expect(apply(cloud, [network('n', '10.0.0.0/9')])).rejects.toMatchObject({ code: 'PLAN_NOT_APPLICABLE' });
  });

  it('leaves what the cluster itself made out of the plan, and deletes it with the cluster', async () => {
    const cloud = new TinyCloud();
    cloud.things.set('Host/lb', { kind: 'Host', name: 'lb', id: 'x', attributes: {}, outputs: {}, owned: true, manager: 'kubernetes' });
    expect(pendingChanges(plan(cloud, []))).toEqual([]);
    await deleteAll({ inventory: async () => [...cloud.things.values()], kinds: cloud.kinds, environment: environment(), onEvent: () => {} });
    expect(cloud.things.size).toBe(0);
  });

  it('prints the same bytes for the same input in any order, and hashes what it says', async () => {
    const cloud = new TinyCloud();
    const one = plan(cloud, [host('h', 'a'), network('a')]);
    const other = plan(cloud, [network('a'), host('h', 'a')]);
    expect(renderPlan(one)).toBe(renderPlan(other));
    expect(planToJson(one)).toEqual(planToJson(other));
    expect(plan(cloud, [network('a'), host('h', 'a', 2)]).hash).not.toBe(one.hash);
  });
});

describe('apply', () => {
  const desired = [network('a'), network('b'), host('h1', 'a'), host('h2', 'a'), host('h3', 'b')];

  it('converges without doubles when any one call fails, is denied, or is lost after its effect', async () => {
    for (let n = 1; n <= 5; n++) {
      for (const failure of ['throttled', 'denied', 'ambiguous'] as const) {
        const cloud = new TinyCloud();
        if (failure === 'ambiguous') cloud.ambiguousAt = n;
        else cloud.failAt = n;
        cloud.failure = (call) => new CloudError(failure, 'create', `call ${call} failed`);
        const first = apply(cloud, desired);
        if (failure === 'denied') await expect(first).rejects.toMatchObject({ code: 'APPLY_FAILED', exit: 'cloud' });
        else await first;
        await apply(cloud, desired);
        expect(pendingChanges(plan(cloud, desired))).toEqual([]);
        expect(cloud.things.size).toBe(5);
      }
    }
  });

  it('stops starting when cancelled, and says so with exit code 130', async () => {
    const controller = new AbortController();
    const cloud = new TinyCloud();
    const cancel = (event: ApplyEvent) => event.type === 'succeeded' && controller.abort();
    await expect(apply(cloud, desired, cancel, environment(controller.signal))).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    expect(cloud.things.size).toBeLessThan(5);
    await apply(cloud, desired);
    expect(cloud.things.size).toBe(5);
  });

  it('stops when the lock is lost', async () => {
    const cloud = new TinyCloud();
    const lost = applyPlan(plan(cloud, desired), {
      kinds: cloud.kinds,
      environment: environment(),
      onEvent: () => {},
      beforeStep: async () => Promise.reject(new Error('lock lost')),
    });
    await expect(lost).rejects.toThrow('lock lost');
    expect(cloud.things.size).toBe(0);
  });

  it('reaches any state from any other, and back to nothing', async () => {
    const shape = fc.record({
      cidrs: fc.array(fc.constantFrom('10.0.0.0/8', '10.0.0.0/9'), { minLength: 2, maxLength: 2 }),
      hosts: fc.array(fc.tuple(fc.constantFrom('h1', 'h2', 'h3', 'h4'), fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 3 })), { maxLength: 6 }),
    });
    const toDesired = ({ cidrs, hosts }: { cidrs: string[]; hosts: [string, string, number][] }) => [
      network('a', cidrs[0]),
      network('b', cidrs[1]),
      ...new Map(hosts.map(([name, on, size]) => [name, host(name, on, size)])).values(),
    ];
    await fc.assert(
      fc.asyncProperty(shape, shape, async (before, after) => {
        const cloud = new TinyCloud();
        await apply(cloud, toDesired(before));
        await apply(cloud, toDesired(after));
        expect(pendingChanges(plan(cloud, toDesired(after)))).toEqual([]);
        await deleteAll({ inventory: async () => [...cloud.things.values()], kinds: cloud.kinds, environment: environment(), onEvent: () => {} });
        expect(cloud.things.size).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
