// Measures what README reports: `npm run bench`. Figures of one machine in one run; nothing is asserted.
import { readFileSync } from 'node:fs';
import { type Outcome, rows, Workplace } from '../e2e/harness.ts';
import { motoMissing } from '../integration/moto.ts';
import { awsBench } from './aws.ts';

const cluster = 'bench.k8s.local';
const place = new Workplace();

async function timed(work: () => Promise<Outcome>): Promise<{ seconds: number; outcome: Outcome }> {
  const start = process.hrtime.bigint();
  const outcome = await work();
  if (outcome.code !== 0) throw new Error(outcome.stdout + outcome.stderr);
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, outcome };
}

async function median(times: number, work: () => Promise<Outcome>): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i < times; i++) seconds.push((await timed(work)).seconds);
  return seconds.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

const report = (what: string, value: string) => console.log(`${what.padEnd(58)} ${value}`);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** User and system time of a process in seconds (100 ticks a second on Linux). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

/** Seconds until the Deployment shows so many ready pods, seen through a watch. */
async function untilReady(count: number): Promise<number> {
  const start = process.hrtime.bigint();
  const { code, stderr } = await place.kubectl('wait', `--for=jsonpath={.status.readyReplicas}=${count}`, 'deployment/scale', '--timeout=120s');
  if (code !== 0) throw new Error(stderr);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

try {
  report('kops-ts --help (median of 5)', `${(await median(5, () => place.kops('--help'))).toFixed(2)} s`);
  report('kops-ts get clusters, none yet (median of 5)', `${(await median(5, () => place.kops('get', 'clusters'))).toFixed(2)} s`);
  const created = await timed(() => place.kops('create', 'cluster', cluster, '--zones', 'local-1a,local-1b,local-1c', '--yes', '--wait', '60s'));
  report('create cluster --yes --wait to Ready, 1 + 3 nodes', `${created.seconds.toFixed(2)} s`);

  const { pid } = JSON.parse((await place.kops('local', 'status', '-o', 'json')).stdout) as { pid: number };
  await wait(5_000);
  const before = cpuSeconds(pid);
  await wait(20_000);
  report('daemon, one idle cluster: CPU', `${(((cpuSeconds(pid) - before) / 20) * 100).toFixed(1)} %`);
  report('daemon, one idle cluster: RSS', `${residentMegabytes(pid).toFixed(0)} MB`);

  // More than 110 pods a node do not fit: the workers get room first.
  const groups = JSON.parse((await place.kops('get', 'ig', '-o', 'json')).stdout) as { metadata: { name: string }; spec: { role: string } }[];
  for (const group of groups.filter((item) => item.spec.role === 'Node')) {
    await place.kops('edit', 'ig', group.metadata.name, '--set', 'spec.minSize=2', '--set', 'spec.maxSize=2');
  }
  await timed(() => place.kops('update', 'cluster', '--yes'));
  await timed(() => place.kops('validate', 'cluster', '--wait', '60s'));
  await timed(() => place.kubectl('create', 'deployment', 'scale', '--image=registry.k8s.io/pause:3.10', '--replicas=1'));
  await untilReady(1);
  await timed(() => place.kubectl('scale', 'deployment/scale', '--replicas=500'));
  const seconds = await untilReady(500);
  report('kubectl scale --replicas=500: all Running', `${seconds.toFixed(2)} s (${(499 / seconds).toFixed(0)} pods/s)`);
  const pods = rows((await place.kubectl('get', 'pods')).stdout);
  report('daemon with 500 pods: RSS', `${residentMegabytes(pid).toFixed(0)} MB (${pods.filter((row) => row.STATUS === 'Running').length} pods run)`);
} finally {
  await place.kops('delete', 'cluster', cluster, '--yes');
  await place.close();
}

if (motoMissing === '') await awsBench(report);
else report('AWS', motoMissing.trim());
