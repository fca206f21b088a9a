import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EtcdConfig } from '../../bootstrap/node-config.ts';
import type { Environment } from '../../lib/environment.ts';
import { KopsError, messageOf } from '../../lib/errors.ts';
import type { RunCommand } from '../../lib/run-command.ts';

export interface InstallOptions {
  environment: Environment;
  run: RunCommand;
  /** Goes before absolute paths of the machine. */
  root: string;
  architecture: 'amd64' | 'arm64';
  /** Undefined for what is fetched with HTTP. */
  fetchObject(url: string): Promise<Uint8Array> | undefined;
}

const retryMs = 10_000;
/** A server that sends nothing for so long is given up. */
const silentMs = 30_000;
const attemptsForTheRightOne = 3;

/**
 * The path of `etcd`, from the pinned release: downloaded once for a machine, and checked. One that cannot be fetched yet is tried for again;
 * throws ETCD_VERSION_UNKNOWN, and ETCD_CHECKSUM when what comes is another thing than what was pinned.
 */
export async function installEtcd(options: InstallOptions, { version, archives }: EtcdConfig): Promise<string> {
  const { root, run, architecture } = options;
  const archive = archives?.[architecture];
  if (!archive) {
    throw new KopsError(`kops-ts knows no checksum of etcd ${version}, and runs no other`, {
      code: 'ETCD_VERSION_UNKNOWN',
      exit: 'invalid',
      object: version,
      suggestions: ['Set spec.etcdClusters[*].version to one that `kops-ts update cluster` does not warn of, update the cluster and replace the instance.'],
    });
  }
  const folder = join(root, '/opt/kops-ts', `etcd-v${version}-linux-${architecture}-${archive.sha256.slice(0, 8)}`);
  const program = join(folder, 'etcd');
  if (await exists(program)) return program;
  const [file, unpacked] = [`${folder}.archive`, `${folder}.d`];
  await mkdir(join(root, '/opt/kops-ts'), { recursive: true });
  await downloadChecked(options, archive, file);
  await rm(unpacked, { recursive: true, force: true });
  await mkdir(unpacked);
  await run('tar', ['-xz', '-f', file, '-C', unpacked, '--strip-components=1', '--no-same-owner']);
  await rm(folder, { recursive: true, force: true });
  await rename(unpacked, folder);
  await rm(file);
  return program;
}

async function downloadChecked(options: InstallOptions, { url, sha256 }: { url: string; sha256: string }, file: string): Promise<void> {
  const { clock, log, signal } = options.environment;
  for (let wrong = 0; ; ) {
    const found = await download(options, url, file).catch((error: unknown) => {
      signal.throwIfAborted();
      log.warn('etcd cannot be fetched yet, tried again', { url, error: messageOf(error), retryMs });
      return undefined;
    });
    if (found === sha256) return;
    if (found !== undefined) {
      log.warn('the archive of etcd is not the one that was pinned', { url, found, expected: sha256 });
      wrong++;
    }
    if (wrong === attemptsForTheRightOne) {
      await rm(file, { force: true });
      throw new KopsError(`${url} has SHA-256 ${found}, expected ${sha256}`, {
        code: 'ETCD_CHECKSUM',
        exit: 'cloud',
        object: url,
        expected: sha256,
        suggestions: ['Look at what lies there, or at what stands between: a mirror (KOPS_TS_ETCD_MIRROR, spec.assets.fileRepository) or a proxy.'],
      });
    }
    await clock.sleep(retryMs, signal);
  }
}

/** Resolves to the SHA-256 of what was fetched. */
async function download(options: InstallOptions, url: string, file: string): Promise<string> {
  const object = await options.fetchObject(url);
  if (object) {
    await writeFile(file, object);
    return createHash('sha256').update(object).digest('hex');
  }
  return downloadHttp(options.environment, url, file);
}

async function downloadHttp({ clock, signal }: Environment, url: string, file: string): Promise<string> {
  const silent = new AbortController();
  const wait = () => clock.setTimer(silentMs, () => silent.abort(new Error(`nothing came for ${silentMs / 1000} seconds`)), { background: true });
  let timer = wait();
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, silent.signal]) });
    if (!response.ok || !response.body) throw new Error(`the server answers ${response.status}`);
    const hash = createHash('sha256');
    await pipeline(
      Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          timer.cancel();
          timer = wait();
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(file),
    );
    return hash.digest('hex');
  } finally {
    timer.cancel();
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
