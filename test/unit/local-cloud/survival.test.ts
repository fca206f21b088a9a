import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LocalCloud } from '../../../providers/local/cloud/local-cloud.ts';
import { createLocalProvider } from '../../../providers/local/provider.ts';
import { isCloudError } from '../../../src/cloud/errors.ts';
import type { Disk } from '../../../src/lib/disk.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { isKopsError, systemCode } from '../../../src/lib/errors.ts';
import type { MemoryDisk } from '../../../src/lib/memory-disk.ts';
import { applyPlan } from '../../../src/plan/apply-plan.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import { clusterName, MemoryHome, modelInput, openCloud, virtualEnvironment } from '../../contract/local-cloud-harness.ts';

type Step =
  | { do: 'scale'; nodes: number }
  | { do: 'terminate' | 'powerOff' | 'detach'; pick: number }
  | { do: 'wait'; ms: number }
  | { do: 'crash' }
  | { do: 'diskError'; nth: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('scale' as const), nodes: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ do: fc.constantFrom('terminate' as const, 'powerOff' as const, 'detach' as const), pick: fc.nat(20) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  fc.constant({ do: 'crash' as const }),
  fc.record({ do: fc.constant('diskError' as const), nth: fc.integer({ min: 1, max: 6 }) }),
);

/** The disks of a home as one process sees them: when it dies, nothing it still wants to do happens. */
class Process {
  alive = true;
  private readonly home: MemoryHome;

  constructor(home: MemoryHome) {
    this.home = home;
  }

  readonly removeDisk = (path: string) => (this.alive ? this.home.removeDisk(path) : never);

  readonly openDisk = (path: string): Disk => {
    const alive = () => this.alive;
    return new Proxy(this.home.openDisk(path), {
      get: (disk, name) => {
        const method = Reflect.get(disk, name) as unknown;
        return typeof method === 'function' ? (...args: unknown[]) => (alive() ? method.apply(disk, args) : never) : method;
      },
    });
  };
}

const never = new Promise<never>(() => {});

async function scale(cloud: LocalCloud, environment: Environment, nodes: number): Promise<void> {
  const provider = createLocalProvider(cloud);
  const actual = await provider.inventory(clusterName, environment.signal);
  const plan = buildPlan({ clusterName, provider: 'local', region: 'local-1', desired: provider.model(modelInput(nodes)), actual, kinds: provider.kinds });
  await applyPlan(plan, { kinds: provider.kinds, environment, onEvent: () => {}, retryLimitMs: 1 });
}

/** Only workers are detached: a control plane's replacement would wait for its volumes. */
async function instanceAt(cloud: LocalCloud, pick: number, workersOnly: boolean): Promise<string | undefined> {
  const groups = (await cloud.groups(clusterName)).filter((group) => !workersOnly || group.instanceGroup === 'nodes');
  const all = groups.flatMap((group) => group.instances).filter((instance) => instance.state === 'running');
  return all[pick % Math.max(1, all.length)]?.id;
}

/** One home, its processes one after the other, and time that passes. */
class Life {
  readonly environment = virtualEnvironment();
  readonly home = new MemoryHome();
  private process = new Process(this.home);
  private opened: LocalCloud | undefined;
  acknowledged = 0;

  get cloud(): LocalCloud {
    if (!this.opened) throw new Error('not started');
    return this.opened;
  }

  get disk(): MemoryDisk {
    return this.home.openDisk('cloud') as MemoryDisk;
  }

  async restart(): Promise<void> {
    this.process.alive = false;
    for (const disk of this.home.disks.values()) (disk as MemoryDisk).crash();
    this.process = new Process(this.home);
    this.opened = (await openCloud({ environment: this.environment, home: this.process })).cloud;
    await this.opened.resume();
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'scale') {
      await scale(this.cloud, this.environment, step.nodes);
      this.acknowledged = step.nodes;
    } else if (step.do === 'wait') await this.environment.clock.sleep(step.ms);
    else if (step.do === 'diskError') this.disk.failAt(step.nth);
    else if (step.do === 'crash') await this.restart();
    else {
      const id = await instanceAt(this.cloud, step.pick, step.do === 'detach');
      if (id && step.do === 'detach') await this.cloud.detach(clusterName, id);
      else if (id) await this.cloud.terminate(clusterName, id, { hard: step.do === 'powerOff' });
    }
  }

  /** Runs `body` while time passes. */
  async during(body: () => Promise<void>): Promise<void> {
    let passing = true;
    const time = (async () => {
      while (passing) await this.environment.clock.advance(500);
    })();
    try {
      await body();
    } finally {
      passing = false;
      await time;
    }
  }
}

/** A disk that fails is reported, and the state before stays. */
function isDiskFailure(error: unknown): boolean {
  return isCloudError(error, 'unavailable') || isKopsError(error, 'APPLY_FAILED') || systemCode(error) === 'EIO';
}

async function checkInvariants({ cloud }: Life): Promise<void> {
  const groups = await cloud.groups(clusterName);
  expect(groups).toHaveLength(2);
  for (const group of groups) {
    const members = group.instances.filter((instance) => !instance.detached);
    expect({ group: group.name, states: members.map((instance) => instance.state) }).toEqual({ group: group.name, states: Array(group.target).fill('running') });
  }
  const ips = groups.flatMap((group) => group.instances.map((instance) => instance.privateIp));
  expect(new Set(ips).size).toBe(ips.length);
  const state = cloud.ledger.cluster(clusterName);
  const ids = new Set(state?.instances.map((instance) => instance.id));
  expect(Object.keys(state?.attachments ?? {})).toHaveLength(2);
  expect(Object.values(state?.attachments ?? {}).filter((id) => !ids.has(id))).toEqual([]);
}

describe('the local cloud survives', () => {
  it('whatever happens: every group gets to its size, each address and volume is used once, nothing acknowledged is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const life = new Life();
        await life.during(async () => {
          await life.restart();
          for (const next of [{ do: 'scale', nodes: 2 } as const, ...steps]) {
            await life.take(next).catch((error) => {
              if (!isDiskFailure(error)) throw error;
            });
          }
          life.disk.failAt(1e9);
          await life.restart();
          const [workers] = (await life.cloud.groups(clusterName)).filter((group) => group.instanceGroup === 'nodes');
          expect(workers?.target).toBeGreaterThanOrEqual(0);
          await scale(life.cloud, life.environment, life.acknowledged);
          await life.environment.clock.sleep(300_000);
          await life.cloud.fleet.settled();
          await checkInvariants(life);
        });
      }),
      { numRuns: 30 },
    );
  });
});
