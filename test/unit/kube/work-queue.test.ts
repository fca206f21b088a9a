import { describe, expect, it } from 'vitest';
import { startWorkQueue } from '../../../src/kube/work-queue.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { testEnvironment } from './environment.ts';

function controllable() {
  const runs: string[] = [];
  const open = new Map<string, (error?: Error) => void>();
  const reconcile = (key: string) =>
    new Promise<void>((resolve, reject) => {
      runs.push(key);
      open.set(key, (error) => (error ? reject(error) : resolve()));
    });
  return { runs, reconcile, finish: (key: string, error?: Error) => open.get(key)?.(error) };
}

describe('work queue', () => {
  it('works on a key once at a time, and again when it was added meanwhile', async () => {
    const clock = new VirtualClock();
    const work = controllable();
    const queue = startWorkQueue({ name: 'test', environment: testEnvironment(clock), reconcile: work.reconcile });
    queue.add('a');
    queue.add('a');
    await clock.advance(0);
    queue.add('a');
    queue.add('a');
    await clock.advance(0);
    expect(work.runs).toEqual(['a']);
    work.finish('a');
    await clock.advance(0);
    expect(work.runs).toEqual(['a', 'a']);
    work.finish('a');
    await clock.advance(0);
    expect(queue.idle).toBe(true);
  });

  it('bounds how many keys are worked on at once, first come first served', async () => {
    const clock = new VirtualClock();
    const work = controllable();
    const queue = startWorkQueue({ name: 'test', environment: testEnvironment(clock), concurrency: 2, reconcile: work.reconcile });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await clock.advance(0);
    expect(work.runs).toEqual(['a', 'b']);
    work.finish('b');
    await clock.advance(0);
    expect(work.runs).toEqual(['a', 'b', 'c']);
  });

  it('backs off exponentially and forgets a failure after success', async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    const times: number[] = [];
    const queue = startWorkQueue({
      name: 'test',
      environment: testEnvironment(clock),
      reconcile: async () => {
        times.push(clock.now() - start);
        if (times.length < 5) throw new Error('no');
      },
    });
    queue.add('a');
    await clock.advance(10_000);
    expect(times).toEqual([0, 5, 15, 35, 75]);
    expect(queue.size).toBe(0);
  });

  it('the earliest of several delays counts; stop waits for what runs and drops the rest', async () => {
    const clock = new VirtualClock();
    const work = controllable();
    const queue = startWorkQueue({ name: 'test', environment: testEnvironment(clock), reconcile: work.reconcile });
    queue.addAfter('a', 1000);
    queue.addAfter('a', 500);
    queue.addAfter('a', 2000);
    await clock.advance(500);
    expect(work.runs).toEqual(['a']);
    queue.addAfter('b', 100);
    let stopped = false;
    const stop = queue.stop().then(() => {
      stopped = true;
    });
    await clock.advance(5000);
    expect(stopped).toBe(false);
    work.finish('a');
    await stop;
    expect(work.runs).toEqual(['a']);
    expect(clock.waiting).toBe(0);
  });

  it('lets a key rest after work that took its time, unless it is urgent', async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    const times: number[] = [];
    const reconcile = async () => {
      times.push(clock.now() - start);
      await clock.sleep(10);
    };
    const queue = startWorkQueue({ name: 'test', environment: testEnvironment(clock), reconcile });
    queue.add('a');
    await clock.advance(5);
    for (let i = 0; i < 10; i++) queue.add('a');
    await clock.advance(200);
    expect(times).toEqual([0, 50]);
    queue.add('a');
    await clock.advance(15);
    queue.add('a');
    queue.add('a', true);
    await clock.advance(0);
    expect(times).toEqual([0, 50, 205, 220]);
  });
});
