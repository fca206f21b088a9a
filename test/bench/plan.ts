// Measures planning without any cluster tower: `node --import tsx test/bench/plan.ts`. Figures of one machine in one run; nothing is asserted.

import { previewUpdate } from '../../src/operations/update-cluster.ts';
import { addedGroups, LocalOperator } from '../sim/local-operator.ts';

const at = new LocalOperator();
await at.newCloud();
const report = (what: string, value: string) => console.log(`${what.padEnd(66)} ${value}`);

async function measured(work: () => Promise<unknown>): Promise<{ ms: number; calls: number }> {
  const calls = at.cloud.faults.calls;
  const start = process.hrtime.bigint();
  await work();
  return { ms: Number(process.hrtime.bigint() - start) / 1e6, calls: at.cloud.faults.calls - calls };
}

async function median(times: number, work: () => Promise<unknown>): Promise<{ ms: number; calls: number }> {
  const all: { ms: number; calls: number }[] = [];
  for (let i = 0; i < times; i++) all.push(await measured(work));
  return all.sort((a, b) => a.ms - b.ms)[Math.floor(times / 2)] ?? { ms: 0, calls: 0 };
}

const show = ({ ms, calls }: { ms: number; calls: number }) => `${ms.toFixed(1)} ms, ${calls} cloud calls`;
const zones = ['local-1a', 'local-1b', 'local-1c'];

try {
  const ha = 'ha.k8s.local';
  await at.create(ha, { zones, controlPlaneZones: zones });
  await addedGroups(at, ha, 4);
  const groups = (await at.operator.store.listInstanceGroups(ha)).length;
  const preview = () => previewUpdate(at.operator, ha);
  report(`plan of a 3-zone HA cluster with ${groups} instance groups, new (median of 9)`, show(await median(9, preview)));
  report('  applying it', show(await measured(() => at.apply(ha))));
  report('  plan of the same, nothing to do (median of 9)', show(await median(9, preview)));

  const names = Array.from({ length: 100 }, (_, i) => `c${i}.k8s.local`);
  for (const name of names) await at.create(name, { zones: ['local-1a'], networkCidrs: ['10.0.0.0/16'], set: ['spec.nonMasqueradeCIDR=100.64.0.0/10'] });
  for (const name of names) await at.apply(name);
  const one = async () => {
    for (const name of names) await previewUpdate(at.operator, name);
  };
  report('plan of 100 applied clusters, one after the other', show(await measured(one)));
  report('plan of 100 applied clusters, all at once', show(await measured(() => Promise.all(names.map((name) => previewUpdate(at.operator, name))))));
} finally {
  await at.close();
}
