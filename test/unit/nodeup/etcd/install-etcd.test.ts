import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { etcdArchives } from '../../../../src/bootstrap/etcd-release.ts';
import type { EtcdConfig } from '../../../../src/bootstrap/node-config.ts';
import { VirtualClock } from '../../../../src/lib/clock.ts';
import { silentLog } from '../../../../src/lib/log.ts';
import { SeededRandom } from '../../../../src/lib/random.ts';
import { runCommand } from '../../../../src/lib/run-command.ts';
import { installEtcd } from '../../../../src/nodeup/etcd/install-etcd.ts';

describe('etcd on a machine', () => {
  let root = '';
  let server: Server;
  let url = '';
  let archive: Buffer;
  let answers: (number | Buffer)[] = [];
  let asked: string[] = [];
  let clock: VirtualClock;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'kops-ts-install-'));
    mkdirSync(join(root, 'release'));
    writeFileSync(join(root, 'release/etcd'), '#!/bin/sh\n', { mode: 0o755 });
    archive = execFileSync('tar', ['-cz', '-C', root, 'release']);
    asked = [];
    clock = new VirtualClock();
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const answer = answers.shift() ?? archive;
      response.writeHead(typeof answer === 'number' ? answer : 200).end(typeof answer === 'number' ? '' : answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(root, { recursive: true, force: true });
  });

  const config = (archives: EtcdConfig['archives']): EtcdConfig => ({ members: ['a'], version: '3.5.27', discoveryMs: 1, ...(archives ? { archives } : {}) });
  const pinned = (from = `${url}/v3.5.27/etcd.tar.gz`, sha256 = createHash('sha256').update(archive).digest('hex')) =>
    config({ amd64: { url: from, sha256 }, arm64: { url: 'http://127.0.0.1:1/', sha256: '' } });
  const install = (etcd: EtcdConfig) =>
    installEtcd(
      {
        environment: { clock, random: new SeededRandom(1), log: silentLog, signal: new AbortController().signal, variables: {} },
        run: runCommand,
        root,
        architecture: 'amd64',
        fetchObject: (object) => (object.startsWith('s3://') ? Promise.resolve(archive) : undefined),
      },
      etcd,
    );
  /** Lets it wait between attempts. */
  async function settled<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const result = work.finally(() => {
      done = true;
    });
    result.catch(() => undefined);
    while (!done) {
      await expect.poll(() => done || clock.waiting === 1).toBe(true);
      if (!done) await clock.advance(10_000);
    }
    return result;
  }

  it('is fetched once, from the mirror, and leaves nothing else behind', async () => {
    const program = await install(pinned());
    expect(readFileSync(program, 'utf8')).toBe('#!/bin/sh\n');
    expect(await install(pinned())).toBe(program);
    expect(asked).toEqual(['/v3.5.27/etcd.tar.gz']);
    expect(readdirSync(join(root, 'opt/kops-ts'))).toHaveLength(1);
  });

  it('comes out of a bucket, too', async () => {
    expect(readFileSync(await install(pinned('s3://mirror/etcd.tar.gz')), 'utf8')).toBe('#!/bin/sh\n');
    expect(asked).toEqual([]);
  });

  it('is waited for while it cannot be fetched', async () => {
    answers = [503, 404];
    await settled(install(pinned()));
    expect(asked).toHaveLength(3);
  });

  it('is refused when it is not what was pinned, with what came and where from', async () => {
    const expected = '0'.repeat(64);
    const work = settled(install(pinned(`${url}/etcd.tar.gz`, expected)));
    await expect(work).rejects.toMatchObject({ code: 'ETCD_CHECKSUM', expected, message: expect.stringContaining(`${url}/etcd.tar.gz has SHA-256`) });
    expect(asked).toHaveLength(3);
    expect(readdirSync(join(root, 'opt/kops-ts'))).toEqual([]);
  });

  it('of a version without a known checksum is refused at once', async () => {
    await expect(install(config(etcdArchives('3.4.3')))).rejects.toMatchObject({ code: 'ETCD_VERSION_UNKNOWN' });
  });
});
