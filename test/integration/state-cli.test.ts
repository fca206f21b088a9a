import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { type ClusterStore, createClusterStore } from '../../src/state/cluster-store.ts';
import { acquireLock, readLock } from '../../src/state/lock.ts';
import { openObjectStore } from '../../src/state/open-object-store.ts';
import { motoMissing, startMoto } from './moto.ts';

interface Outcome {
  pid: number;
  code: number;
  stdout: string;
  stderr: string;
}

const name = 'race.k8s.local';
const program = join(import.meta.dirname, '../../bin/run.js');

/** Operators that know nothing of each other but the bucket. */
describe.skipIf(motoMissing !== '')(`many operators on one bucket${motoMissing}`, () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let store: ClusterStore;
  const folder = mkdtempSync(join(tmpdir(), 'state-cli-'));
  let variables: Record<string, string>;

  const kops = (args: string[], extra: Record<string, string> = {}) =>
    new Promise<Outcome>((resolve) => {
      const child = execFile(process.execPath, [program, ...args], { env: { ...variables, ...extra } }, (error, stdout, stderr) =>
        resolve({ pid: child.pid ?? 0, code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
      );
    });
  const won = (outcomes: readonly Outcome[]) => outcomes.filter((outcome) => outcome.code === 0);
  const lost = (outcomes: readonly Outcome[]) => outcomes.filter((outcome) => outcome.code !== 0);
  const environment = () => ({ clock: realClock, random: systemRandom, log: silentLog, signal: new AbortController().signal, variables });

  beforeAll(async () => {
    moto = await startMoto();
    const s3 = { S3_ENDPOINT: moto.endpoint, S3_REGION: 'us-east-1', S3_ACCESS_KEY_ID: 'key', S3_SECRET_ACCESS_KEY: 'secret' };
    variables = { ...s3, PATH: process.env.PATH ?? '', HOME: folder, KOPS_TS_HOME: join(folder, 'home'), KUBECONFIG: join(folder, 'kubeconfig'), KOPS_STATE_STORE: 's3://state' };
    const client = new S3Client({ endpoint: moto.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } });
    await client.send(new CreateBucketCommand({ Bucket: 'state' }));
    client.destroy();
    store = createClusterStore(await openObjectStore('s3://state', environment()), realClock);
  });
  afterAll(async () => {
    await store?.objects.close();
    await moto?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('create a cluster once; the others hear who was faster', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, (_, i) => {
        const file = join(folder, `cluster-${i}.yaml`);
        writeFileSync(file, specs(`operator-${i}`));
        return kops(['create', '-f', file]);
      }),
    );
    const [winner, ...more] = won(outcomes);
    expect(winner, outcomes.map((outcome) => outcome.stderr).join()).toBeDefined();
    expect(more).toEqual([]);
    const pids = outcomes.map((outcome) => String(outcome.pid));
    for (const { code, stderr, pid } of lost(outcomes)) {
      expect(code, stderr).toBe(5);
      expect(stderr).toMatch(/is locked by .+ pid \d+ since|already exists/);
      // Whoever held the lock at that moment: the winner, or another who then found the cluster made.
      expect(pids.filter((other) => other !== String(pid))).toContain(/pid (\d+)/.exec(stderr)?.[1]);
    }
    const { value } = await store.getCluster(name);
    expect(value.spec.cloudLabels).toEqual({ owner: `operator-${outcomes.findIndex((outcome) => outcome.code === 0)}` });
    expect((await store.objects.list('')).keys.map((key) => key.replace(`${name}/`, ''))).toEqual([
      'config',
      'instancegroup/control-plane',
      'instancegroup/nodes',
      'pki/private/kubernetes-ca/keyset.yaml',
      'pki/private/service-account/keyset.yaml',
    ]);
  });

  it('edit the same version: one wins, the others hear who, nothing is overwritten', async () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    // An editor that leaves only when all have their file open.
    const editor = join(folder, 'editor');
    writeFileSync(
      editor,
      `#!/bin/sh\nsed -i "s/^  cloudLabels:/  cloudLabels:\\n    $WHO: edited/" "$1"\n: > ${open}/$WHO\nuntil [ $(ls ${open} | wc -l) -ge 5 ]; do sleep 0.02; done\n`,
    );
    chmodSync(editor, 0o755);
    const outcomes = await Promise.all(Array.from({ length: 5 }, (_, i) => kops(['edit', 'cluster', name], { EDITOR: editor, WHO: `editor-${i}` })));
    expect(won(outcomes), outcomes.map((outcome) => outcome.stderr).join()).toHaveLength(1);
    const [winner] = won(outcomes);
    for (const { code, stderr } of lost(outcomes)) {
      expect(code, stderr).toBe(5);
      expect(stderr).toMatch(new RegExp(`${name}/config was changed by \\S+@\\S+ pid ${winner?.pid} at \\S+Z, after it was read; nothing was overwritten`));
    }
    expect((await store.getCluster(name)).value.spec.cloudLabels).toMatchObject({ [`editor-${outcomes.findIndex((outcome) => outcome.code === 0)}`]: 'edited' });
    expect(Object.keys((await store.getCluster(name)).value.spec.cloudLabels ?? {})).toHaveLength(2);
  });

  it('wait for one another as long as they are told, and can take away the lock of one that is gone', async () => {
    const lock = await acquireLock(store.objects, name, 'update cluster', environment());
    const refused = await kops(['update', 'cluster', name, '--yes', '--lock-timeout', '100ms']);
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringContaining(`cluster ${name} is locked by ${lock.info.holder} since ${lock.info.acquired} for "update cluster"`),
    ]);
    const shown = await kops(['unlock', name]);
    expect(shown.stdout).toContain(`held by ${lock.info.holder}`);
    expect((await kops(['unlock', name, '--yes'])).code).toBe(0);
    expect(await readLock(store.objects, name)).toBeUndefined();
    await lock.release();
  });

  it('update at once: one at a time, and what they build is there once', async () => {
    const update = ['update', 'cluster', name, '--yes', '--no-create-kube-config'];
    const outcomes = await Promise.all([kops(update), kops(update), kops(update)]);
    try {
      expect(won(outcomes).length, outcomes.map((outcome) => outcome.stderr).join()).toBeGreaterThan(0);
      for (const { code, stderr } of lost(outcomes)) expect([code, stderr]).toEqual([5, expect.stringMatching(/is locked by .+ pid \d+ since \S+ for "update cluster"/)]);
      const dump = JSON.parse((await kops(['toolbox', 'dump', name, '-o', 'json'])).stdout) as { resources: { type: string; name: string }[]; instances: unknown[] };
      const made = dump.resources.map((resource) => `${resource.type}/${resource.name}`);
      expect(new Set(made).size).toBe(made.length);
      expect(dump.instances).toHaveLength(2);
      expect((await kops(['update', 'cluster', name])).stdout).toContain('No changes need to be applied');
    } finally {
      await kops(['delete', 'cluster', name, '--yes']);
      await kops(['local', 'stop']);
    }
    expect((await store.objects.list('')).keys).toEqual([]);
  });
});

function specs(owner: string): string {
  return `apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata:
  name: ${name}
spec:
  cloudLabels:
    owner: ${owner}
  cloudProvider: local
  etcdClusters:
  - etcdMembers:
    - instanceGroup: control-plane
      name: a
    name: main
  - etcdMembers:
    - instanceGroup: control-plane
      name: a
    name: events
  kubernetesVersion: 1.36.0
  networkCIDR: 127.200.0.0/16
  networking:
    kindnet: {}
  subnets:
  - cidr: 127.200.0.0/20
    name: local-1a
    type: Public
    zone: local-1a
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  labels:
    kops.k8s.io/cluster: ${name}
  name: control-plane
spec:
  maxSize: 1
  minSize: 1
  role: Master
  subnets:
  - local-1a
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  labels:
    kops.k8s.io/cluster: ${name}
  name: nodes
spec:
  maxSize: 1
  minSize: 1
  role: Node
  subnets:
  - local-1a
`;
}
