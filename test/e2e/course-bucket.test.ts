import { afterAll, describe, expect, it } from 'vitest';
import { has, processesWith, run, Workplace } from './harness.ts';

const missing = ['aws', 'kubectl'].filter((command) => !has(command));

describe.skipIf(missing.length > 0)(`the first kops lesson, on the local cloud${missing.length > 0 ? ` (skipped: not installed: ${missing.join(', ')})` : ''}`, () => {
  const place = new Workplace({ no_proxy: '127.0.0.1', NO_PROXY: '127.0.0.1' });
  const name = 'demok8scluster.k8s.local';
  const state = '--state=s3://kops-demo-storage';
  let variables = '';

  /** A line as it is typed, in a shell that has read what `local env` prints; `kops` is kops-ts. */
  async function shell(line: string): Promise<string> {
    const kops = `kops() { "${process.execPath}" "${process.cwd()}/bin/run.js" "$@"; }`;
    const outcome = await run('sh', ['-c', `${kops}\n${variables}\n${line}`], place.env);
    expect(outcome.code, `${line}\n${outcome.stdout}${outcome.stderr}`).toBe(0);
    return outcome.stdout;
  }

  afterAll(() => place.close());

  it('takes the bucket step as it is written', async () => {
    variables = await shell('kops local env');
    await shell('aws s3api create-bucket --bucket kops-demo-storage --region us-east-1');
    expect(await shell('aws s3 ls')).toContain('kops-demo-storage');
    expect(JSON.parse(await shell('kops local status -o json'))).toMatchObject({ objectStorage: { buckets: ['kops-demo-storage'] } });
  });

  it('creates, edits, updates and validates a cluster whose state is in the bucket', async () => {
    await shell(
      `kops create cluster --name=${name} ${state} --zones=us-east-1a --node-count=1 --node-size=t2.micro --master-size=t2.micro --master-volume-size=8 --node-volume-size=8 --cloud local`,
    );
    expect(await shell(`aws s3 ls --recursive s3://kops-demo-storage`)).toContain(`${name}/config`);
    await shell(`kops edit cluster ${name} ${state} --set spec.kubernetesApiAccess=127.0.0.1/32`);
    await shell(`kops update cluster ${name} --yes ${state}`);
    expect(await shell(`kops validate cluster ${name} ${state} --wait 60s`)).toContain(`Your cluster ${name} is ready`);
    expect((await shell('kubectl get nodes --no-headers')).trim().split('\n')).toHaveLength(2);
  });

  it('keeps state and cluster while the local cloud is stopped, and says how to go on', async () => {
    await shell('kops local stop');
    const stopped = await run('sh', ['-c', `${variables}\n"${process.execPath}" bin/run.js get clusters ${state}`], place.env);
    expect([stopped.code, stopped.stderr]).toEqual([6, expect.stringMatching(/cannot be reached at http:\/\/127\.0\.0\.1:\d+[\s\S]*kops-ts local start/)]);
    await shell('kops local start');
    expect(await shell(`kops get clusters ${state}`)).toContain(name);
  });

  it('leaves nothing behind', async () => {
    await shell(`kops delete cluster ${name} --yes ${state}`);
    expect(await shell('aws s3 ls --recursive s3://kops-demo-storage')).toBe('');
    await shell('aws s3api delete-bucket --bucket kops-demo-storage --region us-east-1');
    await shell('kops local stop');
    expect(await processesWith(place.home)).toEqual([]);
  });
});
