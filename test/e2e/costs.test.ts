import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from './harness.ts';

const name = 'demo.k8s.local';
const place = new Workplace();
beforeAll(async () => {
  const stored = await place.kops('create', 'cluster', name, '--cloud', 'local', '--zones', 'us-east-1a');
  expect(stored.code, stored.stderr).toBe(0);
  expect(stored.stdout).toContain('$0 here, about $106.67 a month on aws in us-east-1');
});
afterAll(() => place.close());

const cost = async (...args: string[]) => {
  const outcome = await place.kops('get', 'cost', name, ...args);
  expect(outcome.code, outcome.stderr).toBe(0);
  return outcome.stdout;
};

describe('costs, as people ask for them', () => {
  it('over its budget a cluster is not created: exit code 8, what it would cost, and the reasons', async () => {
    const refused = await place.kops('create', 'cluster', 'dear.k8s.local', '--zones', 'local-1a', '--max-monthly-cost', '100', '-o', 'json');
    expect(refused.code, refused.stderr).toBe(8);
    expect(JSON.parse(refused.stdout)).toMatchObject({ cluster: 'dear.k8s.local', cost: { totalMonthlyCost: '0.00' }, comparison: { totalMonthlyCost: '106.67' } });
    expect(JSON.parse(refused.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'OVER_BUDGET', exitCode: 8, reasons: [{ limit: 'max-monthly-cost', allowed: '100.00' }] },
    });
    expect((await place.kops('get', 'clusters')).stdout).not.toContain('dear');
  });

  it('over its budget a cluster is not updated, with and without --yes', async () => {
    for (const yes of [[], ['--yes']]) {
      const refused = await place.kops('update', 'cluster', name, '--max-monthly-cost', '100', ...yes);
      expect(refused.code, refused.stderr).toBe(8);
      expect(refused.stdout).toContain('Over budget: $106.67 a month is more than $100.00 (--max-monthly-cost).');
    }
    expect((await place.kops('get', 'instances', name)).stdout).not.toContain('i-');
  });

  it('get cost answers in every form', async () => {
    expect(await cost()).toContain('EKS with the same workers:');
    const json = JSON.parse(await cost('-o', 'json'));
    expect(json).toMatchObject({ version: '0.2', totalMonthlyCost: '0.00', timeGenerated: expect.stringMatching(/^20\d\d-/), comparison: { totalMonthlyCost: '106.67' } });
    expect(await cost('-o', 'yaml')).toContain("totalMonthlyCost: '106.67'");
    expect((await cost('-o', 'csv')).split('\r\n').at(-2)).toBe(',,,total,,,,0.1461,106.67,106.67,106.67,');
    expect(await cost('-o', 'markdown')).toMatch(/^### Cost of demo\.k8s\.local: \$106\.67 a month\n/);
  });

  it('what-ifs and usage change the answer, and say what they do not know', async () => {
    const usage = join(place.folder, 'usage.yaml');
    writeFileSync(usage, 'internetGb: 200\n');
    expect(await cost('--usage', usage)).toContain('Of this, $9.00 a month is billed by use.');
    expect(await cost('--what-if', 'spot+arm64,region=eu-west-1')).toMatch(/region=eu-west-1 +\$\d+\.\d\d +\+\$/);
    const unknown = await place.kops('get', 'cost', name, '--what-if', 'spto');
    expect(unknown).toMatchObject({ code: 64, stderr: expect.stringContaining('did you mean spot?') });
    writeFileSync(usage, 'internetGib: 200\n');
    expect(await place.kops('get', 'cost', name, '--usage', usage)).toMatchObject({ code: 3, stderr: expect.stringContaining('did you mean internetGb?') });
  });

  it('the plan of an update holds the cost, without a time stamp', async () => {
    const plan = (await place.kops('update', 'cluster', name, '-o', 'json', '--price-as', 'aws:us-east-1')).stdout;
    expect(JSON.parse(plan)).toMatchObject({ apiVersion: 'kops-ts/plan/v1', comparison: { totalMonthlyCost: '106.67', diffTotalMonthlyCost: '106.67' } });
    expect(plan).not.toContain('timeGenerated');
  });
});

describe('on AWS, without credentials and without a call', () => {
  const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, AWS_SESSION_TOKEN: _token, AWS_PROFILE: _profile, ...inherited } = process.env;
  // Nobody answers there: a call would be an error.
  const abroad = new Workplace({ ...inherited, AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_EC2_METADATA_DISABLED: 'true', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
  afterAll(() => abroad.close());
  const answer = async (...args: string[]) => {
    const outcome = await abroad.kops(...args);
    expect(outcome.code, outcome.stderr).toBe(0);
    return JSON.parse(outcome.stdout);
  };

  it('a preview and get cost say what a cluster costs, to the cent', async () => {
    const small = ['create', 'cluster', 'small.example.com', '--zones', 'us-east-1a', '--dns', 'none', '-o', 'json'];
    expect(await answer(...small)).toMatchObject({ apiVersion: 'kops-ts/plan/v1', cost: { totalMonthlyCost: '106.67' } });
    expect(await answer('get', 'cost', 'small.example.com', '-o', 'json')).toMatchObject({ totalMonthlyCost: '106.67', estimate: { unpriced: [] } });
    const shape = ['--zones', 'us-east-1a,us-east-1b,us-east-1c', '--control-plane-count', '3', '--topology', 'private', '--bastion', '--dns', 'none'];
    expect(await answer('create', 'cluster', 'large.example.com', ...shape, '-o', 'json')).toMatchObject({ cost: { totalMonthlyCost: '412.29' } });
    const dear = await abroad.kops('create', 'cluster', 'dear.example.com', ...shape, '--max-monthly-cost', '400');
    expect(dear.code, dear.stderr).toBe(8);
    expect((await answer('get', 'clusters', '-o', 'json')).map((cluster: { metadata: { name: string } }) => cluster.metadata.name)).toEqual([
      'large.example.com',
      'small.example.com',
    ]);
  });
});
