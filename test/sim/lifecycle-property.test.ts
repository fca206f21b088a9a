import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { resourceKey } from '../../src/cloud/resource.ts';
import { type Cidr, cidrContains, cidrsOverlap, parseCidr } from '../../src/lib/cidr.ts';
import { KopsError } from '../../src/lib/errors.ts';
import { deleteCluster } from '../../src/operations/delete-cluster.ts';
import { getDrift } from '../../src/operations/drift.ts';
import { editCluster, editInstanceGroup } from '../../src/operations/edit-objects.ts';
import { applySettings } from '../../src/spec/set.ts';
import { LocalOperator } from './local-operator.ts';

const name = 'any.k8s.local';
const other = 'other.k8s.local';
const letters = ['a', 'b', 'c', 'd'] as const;
const zoneOf = (letter: string) => `local-1${letter}`;

const spec = fc.record({
  zones: fc.subarray(['a', 'b', 'c'] as const, { minLength: 1 }),
  topology: fc.constantFrom('public' as const, 'private' as const),
  bastion: fc.boolean(),
  controlPlaneCount: fc.constantFrom(1, 3),
  nodeCount: fc.integer({ min: 1, max: 4 }),
  nodeSize: fc.constantFrom('t3.medium', 'm5.large'),
  nodeVolumeSize: fc.option(fc.constantFrom(20, 50), { nil: undefined }),
  label: fc.option(fc.constantFrom('red', 'blue'), { nil: undefined }),
});

const change = fc.oneof(
  fc.record({ do: fc.constant('scale' as const), group: fc.nat(), min: fc.integer({ min: 0, max: 4 }), more: fc.integer({ min: 0, max: 2 }) }),
  fc.record({
    do: fc.constant('set' as const),
    group: fc.nat(),
    setting: fc.constantFrom('machineType=t3.large', 'rootVolumeSize=100', 'nodeLabels.tier=web', 'cloudLabels.team=green'),
  }),
  fc.record({ do: fc.constant('add' as const), group: fc.nat(), as: fc.constantFrom('x', 'y') }),
  fc.record({ do: fc.constant('remove' as const), group: fc.nat() }),
  fc.record({
    do: fc.constant('cluster' as const),
    setting: fc.constantFrom('sshAccess=10.0.0.0/8', 'kubernetesApiAccess=10.0.0.0/8', 'cloudLabels.team=green', 'additionalSans=api.example.com'),
  }),
  fc.record({ do: fc.constant('zone' as const), letter: fc.constantFrom(...letters) }),
  fc.record({ do: fc.constant('leaveZone' as const), letter: fc.constantFrom(...letters) }),
  fc.record({ do: fc.constant('move' as const), group: fc.nat(), letters: fc.subarray([...letters], { minLength: 1 }) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

describe('any valid spec, any valid change of it', () => {
  let at!: LocalOperator;
  afterEach(() => at.close());

  /** Each run has a world of its own, with another cluster in it that must not notice anything. */
  async function newWorld(): Promise<string[]> {
    await at?.close();
    at = new LocalOperator();
    await at.newCloud();
    await at.create(other, { zones: ['local-1a'] });
    await at.apply(other);
    return (await at.cloud.describe(other)).map(({ id }) => id);
  }

  /** What validation refuses does not happen: the property speaks of valid specs. */
  async function make(wish: Change): Promise<void> {
    const { store } = at.operator;
    const groups = (await store.listInstanceGroups(name)).map(({ value }) => value).filter((group) => group.spec.role === 'Node');
    const group = 'group' in wish ? groups[wish.group % groups.length] : groups[0];
    if (!group) return;
    const groupName = group.metadata.name;
    if (wish.do === 'scale')
      await editInstanceGroup(at.operator, name, groupName, (it) => applySettings(it, { set: [`spec.maxSize=${Math.max(1, wish.min + wish.more)}`, `spec.minSize=${wish.min}`] }));
    if (wish.do === 'set') await editInstanceGroup(at.operator, name, groupName, (it) => applySettings(it, { set: [`spec.${wish.setting}`] }));
    if (wish.do === 'cluster') await editCluster(at.operator, name, (it) => applySettings(it, { set: [`spec.${wish.setting}`] }));
    if (wish.do === 'zone') await addZone(wish.letter);
    if (wish.do === 'leaveZone') await leaveZone(wish.letter);
    if (wish.do === 'move') await editInstanceGroup(at.operator, name, groupName, (it) => ({ ...it, spec: { ...it.spec, subnets: wish.letters.map(zoneOf) } }));
    if (wish.do === 'remove' && groups.length > 1) await store.deleteInstanceGroup(name, groupName);
    if (wish.do === 'add') await store.putInstanceGroup(name, { ...group, metadata: { name: wish.as } }, undefined);
  }

  async function addZone(letter: string): Promise<void> {
    await editCluster(at.operator, name, (cluster) => {
      const subnets = cluster.spec.subnets ?? [];
      if (subnets.some((subnet) => subnet.zone === zoneOf(letter))) return cluster;
      return { ...cluster, spec: { ...cluster.spec, subnets: [...subnets, { name: zoneOf(letter), zone: zoneOf(letter), type: 'Public' as const }] } };
    });
  }

  async function leaveZone(letter: string): Promise<void> {
    await editCluster(at.operator, name, (cluster) => ({
      ...cluster,
      spec: { ...cluster.spec, subnets: (cluster.spec.subnets ?? []).filter((subnet) => subnet.zone !== zoneOf(letter)) },
    }));
  }

  async function expectInvariants(): Promise<void> {
    const both = [await at.cloud.describe(name), await at.cloud.describe(other)];
    const [mine = [], theirs = []] = both;
    expect(new Set(mine.map(resourceKey)).size, 'nothing is there twice').toBe(mine.length);
    expect(
      mine.filter((resource) => resource.cluster !== name || resource.manager !== 'kops'),
      'everything says whose it is',
    ).toEqual([]);
    const blocks = (resources: typeof mine, kind: string, field: string) =>
      resources.filter((resource) => resource.kind === kind).map((resource) => parseCidr(String(resource.attributes[field])) as Cidr);
    const networks = [mine, theirs].flatMap((resources) => ['cidr', 'podCIDR', 'serviceClusterIPRange'].flatMap((field) => blocks(resources, 'Network', field)));
    const subnets = blocks(mine, 'Subnet', 'cidr');
    for (const list of [networks, subnets]) for (const [i, a] of list.entries()) for (const b of list.slice(i + 1)) expect(cidrsOverlap(a, b), 'blocks are disjoint').toBe(false);
    for (const subnet of subnets) expect(cidrContains(networks[0] as Cidr, subnet), 'subnets lie in their network').toBe(true);
    const stored = await at.operator.store.listInstanceGroups(name);
    const groups = await at.cloud.groups(name);
    expect(groups.map((group) => group.instanceGroup).sort(), 'no group is missing or left over').toEqual(stored.map(({ value }) => value.metadata.name).sort());
    const live = at.cloud.ledger.cluster(name)?.instances.filter((instance) => instance.state !== 'terminating') ?? [];
    expect(live, 'no instance outlives its group').toHaveLength(groups.flatMap((group) => group.instances.filter((instance) => instance.state !== 'terminating')).length);
    for (const group of groups) expect(group.target).toSatisfy((target: number) => target >= group.min && target <= group.max);
  }

  async function converge(): Promise<void> {
    await at.apply(name);
    await at.cloud.fleet.settled();
    expect(await at.pending(name)).toEqual([]);
    expect((await getDrift(at.operator, name)).differences).toEqual([]);
    await expectInvariants();
  }

  it('is applied, converges, keeps the invariants, and leaves nothing when it is deleted', async () => {
    await fc.assert(
      fc.asyncProperty(spec, fc.array(change, { minLength: 1, maxLength: 4 }), async ({ zones, label, nodeVolumeSize, ...rest }, changes) => {
        const before = await newWorld();
        await at.create(name, {
          ...rest,
          zones: zones.map(zoneOf),
          bastion: rest.bastion && rest.topology === 'private',
          ...(label === undefined ? {} : { cloudLabels: { color: label } }),
          ...(nodeVolumeSize === undefined ? {} : { nodeVolumeSize }),
        });
        await converge();
        for (const wish of changes) {
          await make(wish).catch((error: unknown) => {
            if (!(error instanceof KopsError) || error.exit === 'bug') throw error;
          });
        }
        await converge();
        await deleteCluster(at.operator, name, { apply: true });
        expect(at.cloud.ledger.clusters().map(({ cluster }) => cluster)).toEqual([other]);
        expect((await at.cloud.describe(other)).map(({ id }) => id)).toEqual(before);
      }),
      { numRuns: 15 },
    );
  });
});
