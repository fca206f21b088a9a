import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../src/lib/clock.ts';
import { createLog } from '../../../../src/lib/log.ts';
import { SeededRandom } from '../../../../src/lib/random.ts';
import { supervise } from '../../../../src/nodeup/etcd/supervise.ts';

/** Programs that end when the test says so, or when they are killed. */
function bench(options: { ignoresTerm?: boolean; fails?: number } = {}) {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const lines: { level: string; message: string }[] = [];
  const log = createLog({ clock, sink: (line) => lines.push(JSON.parse(line)) });
  const started: number[] = [];
  const signals: string[] = [];
  let end: (why: string) => void = () => {};
  let say: (line: string) => void = () => {};
  const supervised = supervise({ clock, random: new SeededRandom(1), log, signal: abort.signal, variables: {} }, 'etcd', async (onLine) => {
    started.push(clock.now());
    if (started.length <= (options.fails ?? 0)) throw new Error('not yet');
    say = onLine;
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    const kill = (signal: string) => {
      signals.push(signal);
      if (signal === 'SIGKILL' || !options.ignoresTerm) end(signal);
    };
    return { ended, kill };
  });
  return { clock, abort, lines, started, signals, supervised, end: (why: string) => end(why), say: (line: string) => say(line) };
}

describe('a program that nodeup keeps running', () => {
  it('is started again after pauses that grow to half a minute, and begin anew when it ran for a while', async () => {
    const { clock, started, end, supervised, lines } = bench();
    await clock.advance(0);
    const pauses: number[] = [];
    for (const ranMs of [0, 0, 0, 0, 0, 0, 0, 61_000]) {
      await clock.advance(ranMs);
      const before = clock.now();
      const count = started.length;
      end('exit code 1');
      while (started.length === count) await clock.advance(500);
      pauses.push((started.at(-1) ?? 0) - before);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 1_000]);
    expect(lines[0]).toMatchObject({ level: 'error', message: 'etcd does not run and is started again', why: 'exit code 1' });
    await supervised.stop();
  });

  it('is tried for again when it cannot be started', async () => {
    const { clock, started, lines, supervised } = bench({ fails: 2 });
    await clock.advance(3_000);
    expect(started.map((at) => at - (started[0] ?? 0))).toEqual([0, 1_000, 3_000]);
    expect(lines.map((line) => (line as { why?: string }).why)).toEqual(['not yet', 'not yet']);
    await supervised.stop();
  });

  it('ends when it is told to, or else', async () => {
    const polite = bench();
    await polite.supervised.stop();
    expect(polite.signals).toEqual(['SIGTERM']);
    const stubborn = bench({ ignoresTerm: true });
    await stubborn.clock.advance(0);
    const stopping = stubborn.supervised.stop();
    await stubborn.clock.advance(10_000);
    await stopping;
    expect(stubborn.signals).toEqual(['SIGTERM', 'SIGKILL']);
  });

  it('ends with the process, and is not started again', async () => {
    const { abort, signals, clock, started } = bench();
    abort.abort();
    await clock.advance(120_000);
    expect(signals).toEqual(['SIGTERM']);
    expect(started).toHaveLength(1);
  });

  it('speaks in the log as loudly as it means it', async () => {
    const { say, lines, supervised, clock } = bench();
    await clock.advance(0);
    for (const line of [
      '{"level":"info","msg":"x"}',
      '{"level":"warn","msg":"x"}',
      '{"level":"fatal","msg":"x"}',
      '2026-01-01 00:00:00 W | rafthttp: x',
      '2026-01-01 00:00:00 E | x',
      'x',
    ])
      say(line);
    expect(lines.map(({ level }) => level)).toEqual(['info', 'warn', 'error', 'warn', 'error', 'info']);
    await supervised.stop();
  });
});
