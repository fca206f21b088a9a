import type { Clock } from '../../lib/clock.ts';
import type { ContainerRunner } from './container-runner.ts';
import { containersOf, type PodRecord } from './pod-record.ts';

/** Stops everything that runs: the main containers together, then the sidecars in the reverse of the order they started in, all within one grace period. */
export async function terminatePod(runner: ContainerRunner, record: PodRecord, graceSeconds: number, clock: Clock): Promise<void> {
  const deadline = clock.now() + graceSeconds * 1000;
  const all = containersOf(record.pod);
  const stop = async (name: string, grace: number) => {
    const spec = all.find((entry) => entry.spec.name === name)?.spec;
    const container = record.containers.get(name);
    if (spec && container) await runner.stop(spec, container, grace, `Stopping container ${name}`);
  };
  await Promise.all(all.filter(({ kind }) => kind !== 'sidecar').map(({ spec }) => stop(spec.name, graceSeconds)));
  for (const { spec } of all.filter(({ kind }) => kind === 'sidecar').reverse()) await stop(spec.name, Math.max(0, (deadline - clock.now()) / 1000));
}
