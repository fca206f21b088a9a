// Measures the AWS path against a simulated AWS that takes 150 ms for every answer. Figures of one machine in one run; nothing is asserted.
import { join } from 'node:path';
import { AwsWorkplace, highlyAvailable } from '../e2e/aws-workplace.ts';
import { run } from '../e2e/harness.ts';

const cluster = 'ha.example.com';
const latencyMs = 150;
const root = join(import.meta.dirname, '../..');

type Report = (what: string, value: string) => void;

/** `commands` in a row: seconds, number of calls, and how much longer the same calls take one after the other. */
async function measured(place: AwsWorkplace, ...args: string[]): Promise<string> {
  const before = place.proxy.calls.length;
  const start = process.hrtime.bigint();
  await place.done(...args);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const calls = place.proxy.calls.length - before;
  return `${seconds.toFixed(2)} s, ${calls} calls (one by one at least ${((calls * latencyMs) / 1000).toFixed(1)} s: ${((calls * latencyMs) / 1000 / seconds).toFixed(1)} times as long)`;
}

/** What a command that talks to AWS loads before its first call. */
async function loading(env: NodeJS.ProcessEnv): Promise<string> {
  const script = `
    const start = process.hrtime.bigint();
    const before = process.memoryUsage().rss;
    const { AwsApi } = await import(${JSON.stringify(join(root, 'dist/providers/aws/api/clients.js'))});
    const { realClock } = await import(${JSON.stringify(join(root, 'dist/src/lib/clock.js'))});
    const { systemRandom } = await import(${JSON.stringify(join(root, 'dist/src/lib/random.js'))});
    const aws = new AwsApi('us-east-1', { clock: realClock, random: systemRandom, variables: process.env });
    for (const service of ['ec2', 'autoscaling', 'elbv2', 'iam', 'route53', 'sqs', 'events', 's3', 'ssm', 'sts']) await aws.service(service);
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    console.log(ms.toFixed(0) + ' ms, ' + ((process.memoryUsage().rss - before) / 1048576).toFixed(0) + ' MB');`;
  return (await run(process.execPath, ['--input-type=module', '-e', script], env)).stdout.trim();
}

export async function awsBench(report: Report): Promise<void> {
  const place = await AwsWorkplace.open();
  try {
    report('AWS: all ten clients loaded', await loading(place.env));
    await place.done('create', 'cluster', cluster, ...highlyAvailable);
    // The simulated AWS loads its images and machine types when it is first asked.
    await place.done('update', 'cluster', cluster);
    place.proxy.delayMs = latencyMs;
    report(`AWS at ${latencyMs} ms a call: preview of a new HA cluster`, await measured(place, 'update', 'cluster', cluster));
    report('  plan and apply of 129 resources', await measured(place, 'update', 'cluster', cluster, '--yes'));
    report('  preview when all is there', await measured(place, 'update', 'cluster', cluster));
    report('  delete cluster', await measured(place, 'delete', 'cluster', cluster, '--yes'));
    report('  most calls at once', String(place.proxy.mostAtOnce()));
  } finally {
    place.proxy.delayMs = 0;
    await place.close();
  }
}
