import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseYaml } from '../../../src/lib/yaml.ts';
import { createCluster } from '../../../src/operations/create-cluster.ts';
import { type AccessOptions, exportKubeconfig } from '../../../src/operations/export-kubeconfig.ts';
import { applyUpdate } from '../../../src/operations/update-cluster.ts';
import { workbench } from './test-cloud.ts';

interface Written {
  clusters: { cluster: { server: string; 'tls-server-name'?: string } }[];
  contexts: { context: { user: string } }[];
  users: { name: string; user: { 'client-certificate-data': string } }[];
}

describe('the kubeconfig of a cluster', () => {
  const name = 'a.k8s.local';
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  const { operator, cancel } = workbench(join(folder, 'config'));
  let file = 0;
  beforeAll(async () => {
    await createCluster(operator, { name, zones: ['us-test-1a'] });
    await applyUpdate(operator, name, { kubeconfig: false });
  });
  afterAll(() => {
    cancel();
    rmSync(folder, { recursive: true });
  });

  async function written(options: AccessOptions): Promise<Written> {
    const path = join(folder, `config-${file++}`);
    await exportKubeconfig(operator, name, { ...options, file: path });
    return parseYaml(readFileSync(path, 'utf8'), path) as Written;
  }

  const hours = (config: Written) => {
    const { validTo } = new X509Certificate(Buffer.from(config.users[0]?.user['client-certificate-data'] ?? '', 'base64'));
    return Math.round((Date.parse(validTo) - operator.environment.clock.now()) / 3_600_000);
  };

  it('lets a new administrator in, for a year or as long as asked', async () => {
    expect(hours(await written({}))).toBe(365 * 24);
    expect(hours(await written({ validMs: 18 * 3_600_000 }))).toBe(18);
  });

  it('can name a user that is there already', async () => {
    const config = await written({ user: 'ann' });
    expect(config.contexts[0]?.context.user).toBe('ann');
    expect(config.users).toEqual([]);
  });

  it('has the address that was asked for, and the name in its certificate', async () => {
    const addressOf = async (options: AccessOptions) => {
      const { cluster } = (await written(options)).clusters[0] ?? { cluster: { server: '' } };
      return [cluster.server, cluster['tls-server-name']];
    };
    expect(await addressOf({})).toEqual(['https://10.0.0.1', undefined]);
    expect(await addressOf({ internal: true })).toEqual([`https://api.internal.${name}`, undefined]);
    expect(await addressOf({ server: 'https://127.0.0.1:8443' })).toEqual(['https://127.0.0.1:8443', `api.internal.${name}`]);
  });
});
