import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { ResourceKind } from '../../../src/cloud/provider.ts';
import { type ActualResource, type DesiredResource, type Lifecycle, ref } from '../../../src/cloud/resource.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { applyPlan } from '../../../src/plan/apply-plan.ts';
import { buildPlan, type PlanInput } from '../../../src/plan/build-plan.ts';
import type { ApplyEvent } from '../../../src/plan/events.ts';
import { type Plan, pendingChanges, resultOf } from '../../../src/plan/plan.ts';
import { planToJson, renderPlan } from '../../../src/plan/render-plan.ts';

const environment: Environment = { clock: new VirtualClock(), random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };
const denied = () => Promise.reject(new CloudError('denied', 'create', 'not allowed to'));

function kind(name: string, rank: number): [string, ResourceKind] {
  return [
    name,
    {
      kind: name,
      rank,
      create: denied,
      update: denied,
      delete: denied,
      effect: (changes) => (changes.includes('cidr') || changes.includes('network') ? 'replace' : 'update'),
      deleteAfter: (actual, all) => all.filter((other) => other.attributes.network === actual.id),
    },
  ];
}

const kinds = new Map([kind('Network', 0), kind('Group', 1)]);
const network = (cidr = '10.0.0.0/8', lifecycle?: Lifecycle): DesiredResource => ({ kind: 'Network', name: 'n', attributes: { cidr }, ...(lifecycle ? { lifecycle } : {}) });
const group = (name: string, size = 1): DesiredResource => ({ kind: 'Group', name, instanceGroup: name, attributes: { size, network: ref('Network', 'n') } });
const there = (desired: DesiredResource, owned = true): ActualResource => ({
  kind: desired.kind,
  name: desired.name,
  id: `${desired.name}-1`,
  attributes: desired.kind === 'Group' ? { ...desired.attributes, network: 'n-1' } : desired.attributes,
  outputs: { id: `${desired.name}-1` },
  owned,
  ...(desired.instanceGroup === undefined ? {} : { instanceGroup: desired.instanceGroup }),
});

const plan = (desired: DesiredResource[], actual: ActualResource[], scope?: PlanInput['scope']): Plan =>
  buildPlan({ clusterName: 'c', provider: 'p', region: 'r', desired, actual, kinds, ...(scope ? { scope } : {}) });
const said = (made: Plan) => pendingChanges(made).map((change) => `${change.action} ${change.kind}/${change.name}`);
const findings = (made: Plan) => made.findings.map(({ severity, message }) => `${severity}: ${message}`);

describe('what is in no spec any more', () => {
  const actual = [network(), group('a'), group('gone')].map((resource) => there(resource));

  it('stays, and is named, until --prune', () => {
    const kept = plan([network(), group('a')], actual, { prune: false });
    expect(said(kept)).toEqual([]);
    expect(renderPlan(kept)).toBe('No changes need to be applied.\n\nItems will be deleted only when the --prune flag is specified:\n  - Group/gone\n');
    expect(planToJson(kept).leftovers).toEqual([{ kind: 'Group', name: 'gone', instanceGroup: 'gone', id: 'gone-1' }]);
    expect(resultOf(kept).map(({ name }) => name)).toEqual(['n', 'a', 'gone']);
    const pruned = plan([network(), group('a')], actual, { prune: true });
    expect(said(pruned)).toEqual(['delete Group/gone']);
    expect(pruned.hash).not.toBe(kept.hash);
  });

  it('goes at once where it lets somebody in', () => {
    const open = actual.map((resource) => (resource.name === 'gone' ? { ...resource, deletedWithoutPrune: true } : resource));
    expect(said(plan([network(), group('a')], open, { prune: false }))).toEqual(['delete Group/gone']);
    expect(said(plan([network(), group('a')], open, { prune: false, instanceGroups: ['a'] }))).toEqual([]);
  });

  it('goes even so where something that is replaced could not go before it', () => {
    expect(said(plan([network('10.0.0.0/9'), group('a')], actual, { prune: false }))).toEqual(['replace Network/n', 'replace Group/a', 'delete Group/gone']);
  });
});

describe('a plan of some instance groups', () => {
  it('leaves the others as they are and says so', () => {
    const actual = [network(), group('a'), group('b')].map((resource) => there(resource));
    const made = plan([network(), group('a', 2), group('b', 2), group('new')], actual, { prune: true, instanceGroups: ['a'] });
    expect(said(made)).toEqual(['update Group/a']);
    expect(planToJson(made).excluded).toMatchObject([
      { action: 'update', name: 'b' },
      { action: 'create', name: 'new' },
    ]);
    expect(renderPlan(made)).toContain('Left out: 2 changes of other instance groups (b, new).\n');
    const sizes = Object.fromEntries(resultOf(made).map(({ name, attributes }) => [name, attributes.size]));
    expect(sizes).toEqual({ n: undefined, a: 2, b: 1 });
  });
});

describe('a replacement that could never begin', () => {
  it('is refused with the name of what stands in the way', () => {
    const balancer: ActualResource = { ...there(group('lb')), manager: 'kubernetes' };
    const made = plan([network('10.0.0.0/9'), group('a')], [there(network()), there(group('a')), balancer]);
    expect(findings(made)).toEqual(['error: Network/n cannot change its cidr while it is in use by Group/lb']);
    expect(plan([network('10.0.0.0/9'), group('a')], [there(network()), there(group('a'))]).findings).toEqual([]);
  });
});

describe('lifecycles', () => {
  it('ExistsAndValidates: must be there and be equal, and is never touched', async () => {
    expect(findings(plan([network('10.0.0.0/8', 'ExistsAndValidates')], []))).toEqual(['error: Network/n does not exist, and its lifecycle is ExistsAndValidates']);
    const differs = plan([network('10.0.0.0/9', 'ExistsAndValidates')], [there(network())]);
    expect(said(differs)).toEqual([]);
    expect(findings(differs)).toEqual(['error: Network/n differs, and its lifecycle is ExistsAndValidates: cidr']);
    await expect(applyPlan(differs, { kinds, environment, onEvent: () => {} })).rejects.toMatchObject({ code: 'PLAN_NOT_APPLICABLE', exit: 'invalid' });
    expect(plan([network('10.0.0.0/8', 'ExistsAndValidates')], [there(network())]).findings).toEqual([]);
  });

  it('ExistsAndWarnIfChanges and shared things: a difference is a warning', () => {
    expect(findings(plan([network('10.0.0.0/9', 'ExistsAndWarnIfChanges')], [there(network())]))).toEqual([expect.stringContaining('warning: Network/n differs')]);
    const shared = plan([network('10.0.0.0/9')], [there(network(), false)]);
    expect(findings(shared)).toEqual(['warning: Network/n is shared and stays as it is, although it differs: cidr']);
    expect(said(shared)).toEqual([]);
    expect(renderPlan(shared)).toContain('Not ours to change:\n');
  });

  it('Ignore: not looked at; who needs what is ignored and absent is told', () => {
    const scope = { prune: true, lifecycleOverrides: { Network: 'Ignore' as const } };
    expect(said(plan([network('10.0.0.0/9')], [there(network()), { ...there(network()), name: 'old' }], scope))).toEqual([]);
    expect(findings(plan([network(), group('a')], [], scope))).toEqual(['error: Group/a needs Network/n, which does not exist and which this plan does not make']);
  });

  it('WarnIfInsufficientAccess: what is denied is left to others', async () => {
    const events: ApplyEvent[] = [];
    await applyPlan(plan([network('10.0.0.0/8', 'WarnIfInsufficientAccess')], []), { kinds, environment, onEvent: (event) => events.push(event) });
    expect(events.map((event) => event.type)).toEqual(['started', 'tolerated']);
    await expect(applyPlan(plan([network()], []), { kinds, environment, onEvent: () => {} })).rejects.toMatchObject({ code: 'APPLY_FAILED' });
  });
});

describe('the lock', () => {
  it('is looked at before every attempt: after its loss nothing is tried again', async () => {
    let tries = 0;
    const throttled: ResourceKind = {
      ...(kinds.get('Network') as ResourceKind),
      create: async () => {
        tries++;
        throw new CloudError('throttled', 'create', 'slow down');
      },
    };
    const clock = new VirtualClock();
    clock.sleep = async (ms) => void (await clock.advance(ms));
    const beforeStep = async () => {
      if (tries === 1) throw new KopsError('the lock was lost', { code: 'LOCK_LOST', exit: 'conflict' });
    };
    const applying = applyPlan(plan([network()], []), { kinds: new Map([['Network', throttled]]), environment: { ...environment, clock }, onEvent: () => {}, beforeStep });
    await expect(applying).rejects.toMatchObject({ exit: 'conflict', message: expect.stringContaining('the lock was lost') });
    expect(tries).toBe(1);
  });
});

describe('cancelling', () => {
  it('does not wait for the next try of something that failed', async () => {
    const controller = new AbortController();
    const usual = kinds.get('Network') as ResourceKind;
    let tries = 0;
    const throttled: ResourceKind = {
      ...usual,
      create: async () => {
        tries++;
        throw new CloudError('throttled', 'create', 'slow down');
      },
    };
    const onEvent = (event: ApplyEvent) => {
      if (event.type === 'retrying') queueMicrotask(() => controller.abort());
    };
    const applying = applyPlan(plan([network()], []), { kinds: new Map([['Network', throttled]]), environment: { ...environment, signal: controller.signal }, onEvent });
    await expect(applying).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    expect(tries).toBe(1);
  });
});
