import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { ResourceKind } from '../../../src/cloud/provider.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { SeededRandom } from '../../../src/lib/random.ts';
import { deleteAll } from '../../../src/plan/delete-all.ts';

function environment(): Environment {
  const clock = new VirtualClock();
  clock.sleep = async (ms) => void (await clock.advance(ms));
  return { clock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} };
}

function thing(id: string): ActualResource {
  return { kind: 'Thing', name: id, id, attributes: {}, outputs: {}, owned: true };
}

/** A cloud of things; what `refuse` answers keeps one from going. */
function cloudOf(ids: readonly string[], refuse: (id: string) => Error | undefined, shownAfterwards = 0) {
  const left = new Set(ids);
  const ghosts = new Map<string, number>();
  const attempts: string[] = [];
  const kind: ResourceKind = {
    kind: 'Thing',
    rank: 0,
    create: async () => thing(''),
    update: async (actual) => actual,
    effect: () => 'update',
    delete: async ({ id }) => {
      attempts.push(id);
      const error = left.has(id) ? refuse(id) : undefined;
      if (error) throw error;
      if (left.delete(id) && shownAfterwards > 0) ghosts.set(id, shownAfterwards);
    },
  };
  const inventory = async () => {
    const shown = [...left, ...ghosts.keys()].map(thing);
    for (const [id, times] of ghosts) times > 1 ? ghosts.set(id, times - 1) : ghosts.delete(id);
    return shown;
  };
  const outside = environment();
  const run = () => deleteAll({ inventory, kinds: new Map([['Thing', kind]]), environment: outside, onEvent: () => {} });
  return { left, attempts, run, environment: outside };
}

describe('deleting all', () => {
  it('ends at once when trying again cannot help; everything else is gone, and the advice is passed on', async () => {
    const denied = () => new CloudError('denied', 'DeleteThing', 'no leave', { suggestions: ['Allow ec2:DeleteThing.'] });
    const cloud = cloudOf(['a', 'b', 'c'], (id) => (id === 'b' ? denied() : undefined));
    await expect(cloud.run()).rejects.toMatchObject({
      code: 'DELETE_INCOMPLETE',
      message: 'these resources could not be deleted:\n  Thing/b: no leave',
      suggestions: ['Allow ec2:DeleteThing.', expect.stringContaining('same command again')],
    });
    expect([...cloud.left]).toEqual(['b']);
    expect(cloud.attempts.filter((id) => id === 'b')).toHaveLength(1);
  });

  it('tries for a minute, twice, what may pass', async () => {
    const clock: number[] = [];
    const cloud = cloudOf(['a'], () => {
      clock.push(cloud.environment.clock.now());
      return new CloudError('dependency', 'DeleteThing', 'in use');
    });
    await expect(cloud.run()).rejects.toThrow('Thing/a: in use');
    expect((clock.at(-1) as number) - (clock[0] as number)).toBeGreaterThan(120_000);
  });

  it('soon names what stands in the way when that has a name: it will not go by itself', async () => {
    const used = () => new CloudError('dependency', 'DeleteThing', 'Thing a is used by eni-1 (jenkins, owner 1)', { blockers: ['eni-1'] });
    const cloud = cloudOf(['a'], used);
    await expect(cloud.run()).rejects.toThrow(/Thing\/a: Thing a is used by eni-1 \(jenkins, owner 1\)/);
    expect(cloud.attempts.length).toBeLessThan(10);
  });

  it('is not fooled by what is still shown after it went', async () => {
    const cloud = cloudOf(['a', 'b'], () => undefined, 4);
    await cloud.run();
    expect([...cloud.left]).toEqual([]);
  });

  it('goes on after what passed in the meantime', async () => {
    let asked = 0;
    const cloud = cloudOf(['a'], () => (++asked < 3 ? new CloudError('dependency', 'DeleteThing', 'in use') : undefined));
    await cloud.run();
    expect(asked).toEqual(3);
  });
});
