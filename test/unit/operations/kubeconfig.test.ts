import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { systemRandom } from '../../../src/lib/random.ts';
import { parseYaml } from '../../../src/lib/yaml.ts';
import { kubeconfigPaths } from '../../../src/operations/kubeconfig.ts';
import { addToKubeconfigFile, readCurrentCluster, removeFromKubeconfigFiles } from '../../../src/operations/kubeconfig-file.ts';

const entry = {
  name: 'a.k8s.local',
  server: 'https://127.16.0.10',
  tlsServerName: 'api.internal.a.k8s.local',
  certificateAuthority: 'CA',
  clientCertificate: 'CERT',
  clientKey: 'KEY',
};
const other = `apiVersion: v1
clusters:
- {name: x, cluster: {server: https://x, extensions: [{name: kept}]}}
contexts:
- {name: other, context: {cluster: x, user: y, namespace: z}}
users: null
current-context: other
preferences: {colors: true}
`;

describe('the kubeconfig file', () => {
  let folder: string;
  let path: string;
  let environment: Environment;
  const read = () => parseYaml(readFileSync(path, 'utf8'), path) as Record<string, never>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    path = join(folder, 'sub', 'config');
    environment = { clock: realClock, random: systemRandom, log: silentLog, signal: new AbortController().signal, variables: { KUBECONFIG: path } };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made with mode 0600 when it is missing', async () => {
    expect(await addToKubeconfigFile(entry, environment)).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(read()).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: entry.name, cluster: { server: entry.server, 'tls-server-name': entry.tlsServerName, 'certificate-authority-data': 'Q0E=' } }],
      contexts: [{ name: entry.name, context: { cluster: entry.name, user: entry.name } }],
      users: [{ name: entry.name, user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
      'current-context': entry.name,
    });
    expect(readdirSync(join(folder, 'sub'))).toEqual(['config']);
  });

  it('keeps what others put there, and gives it back on removal', async () => {
    path = join(folder, 'config');
    environment = { ...environment, variables: { KUBECONFIG: path } };
    writeFileSync(path, other);
    await addToKubeconfigFile(entry, environment);
    await addToKubeconfigFile({ ...entry, server: 'https://moved' }, environment);
    expect(read()).toMatchObject({
      preferences: { colors: true },
      contexts: [{ name: 'other', context: { namespace: 'z' } }, { name: entry.name }],
      'current-context': entry.name,
    });
    expect(await readCurrentCluster(environment)).toBe(entry.name);
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.replace(/current-context: .*/, 'current-context: mine').replace(/^contexts:\n/m, `contexts:\n  - context: { cluster: other.k8s.local, user: ann }\n    name: mine\n`),
    );
    expect(await readCurrentCluster(environment), 'a context of another name').toBe('other.k8s.local');
    writeFileSync(path, text);
    expect(await removeFromKubeconfigFiles(entry.name, environment)).toEqual([path]);
    expect(read()).toMatchObject({ clusters: [{ name: 'x' }], contexts: [{ name: 'other' }], users: [], 'current-context': '' });
    expect(await removeFromKubeconfigFiles(entry.name, environment)).toEqual([]);
  });

  it('is never overwritten when it is not a kubeconfig', async () => {
    path = join(folder, 'config');
    environment = { ...environment, variables: { KUBECONFIG: path } };
    writeFileSync(path, 'just a note');
    await expect(addToKubeconfigFile(entry, environment)).rejects.toThrow('is not a kubeconfig: it was left as it is');
    expect(readFileSync(path, 'utf8')).toBe('just a note');
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('loses no entry when many write at once', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, i) => addToKubeconfigFile({ ...entry, name: `c${i}` }, environment)));
    expect((read().contexts as unknown as { name: string }[]).map((context) => context.name).sort()).toEqual(Array.from({ length: 8 }, (_, i) => `c${i}`));
  });

  it.skipIf(process.getuid?.() === 0)('names the file it may not write (not tested as root)', async () => {
    chmodSync(folder, 0o500);
    await expect(addToKubeconfigFile(entry, environment)).rejects.toThrow('cannot be written');
    chmodSync(folder, 0o700);
  });

  it('is found as kubectl finds it', () => {
    expect(kubeconfigPaths({ KUBECONFIG: '/a:/b', HOME: '/h' }, ':')).toEqual(['/a', '/b']);
    expect(kubeconfigPaths({ HOME: '/h' })).toEqual(['/h/.kube/config']);
    expect(() => kubeconfigPaths({})).toThrow('neither KUBECONFIG nor HOME');
  });
});
