import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { KopsError, messageOf, systemCode } from '../../../src/lib/errors.ts';
import { type CloudApi, cloudOperations } from '../cloud/api.ts';
import type { ObjectStorageAccess } from './home-object-storage.ts';
import { hasContent, setIntent, shouldRun } from './intent.ts';
import { watchHolder } from './lock.ts';
import type { DaemonPaths } from './paths.ts';
import { otherVersion } from './server.ts';
import { startDaemon } from './start.ts';
import type { LocalStatus } from './status.ts';
import { packageVersion } from './version.ts';
import { type CallAnswer, fromWireError, versionHeader } from './wire.ts';

export interface Hello {
  version: string;
  pid: number;
  home: string;
  /** Sentences; absent from older versions. */
  problems?: string[];
}

/** Speaks to the daemon of a home. Nothing is opened or started before the first call. */
export class DaemonClient {
  private readonly environment: Environment;
  private readonly paths: DaemonPaths;
  private readonly entry: string | undefined;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 32 });
  private readonly version = packageVersion();
  private up: Promise<void> | undefined;
  private used = false;
  private lingers = false;

  /** `entry`: the file that runs the daemon, where it is not the usual one. */
  constructor(environment: Environment, paths: DaemonPaths, entry?: string) {
    this.environment = environment;
    this.paths = paths;
    this.entry = entry;
  }

  /** The cloud's calls; the daemon is started when it should run and does not. */
  cloud(): CloudApi {
    const calls = cloudOperations.map((operation) => [operation, (...args: unknown[]) => this.cloudCall(operation, args)]);
    return Object.fromEntries(calls) as CloudApi;
  }

  /** Undefined: no daemon runs. */
  async hello(): Promise<Hello | undefined> {
    return this.whileRunning('hello') as Promise<Hello | undefined>;
  }

  async status(): Promise<LocalStatus> {
    const { home, log } = this.paths;
    const running = (await this.whileRunning('status')) as LocalStatus | undefined;
    return running ?? { state: 'stopped', home, processes: [], clusters: [], problems: [], log };
  }

  /** Makes sure it runs, in this version, now and whenever it is missed. Resolves when its machines are up. */
  async start(): Promise<void> {
    if (!shouldRun(this.paths)) await setIntent(this.paths, true);
    this.up = undefined;
    await this.ensureUp();
    await this.whileRunning('booted');
  }

  /** Where its object storage is and with which key; it is opened now if it never was. The daemon is started as for any call of the cloud. */
  objectStorage(): Promise<ObjectStorageAccess> {
    return this.cloudCall('objectStorage', []) as Promise<ObjectStorageAccess>;
  }

  /** Ends it until it is started again. Resolves when the process is gone. False: none ran. */
  async stop(): Promise<boolean> {
    const hello = await this.hello();
    if (hello || hasContent(this.paths.folder)) await setIntent(this.paths, false);
    if (!hello) return false;
    await this.send('stop', []);
    await this.untilGone(hello.pid);
    return true;
  }

  /** A cloud without clusters and buckets needs no process; one in which something was just reserved waits a little for what comes next. */
  async close(): Promise<void> {
    try {
      if (!this.used || this.lingers) return;
      const pid = await this.whileRunning('exitIfEmpty');
      if (typeof pid === 'number') await this.untilGone(pid);
    } finally {
      this.agent.destroy();
    }
  }

  /** The system gives the lock back a moment before the process is off its list. */
  private async untilGone(pid: number): Promise<void> {
    await watchHolder(this.paths.lock, 'gone');
    for (let tries = 0; tries < 200 && isAlive(pid); tries++) await this.environment.clock.sleep(10);
  }

  private async cloudCall(operation: string, args: unknown[]): Promise<unknown> {
    this.used = true;
    if (operation === 'reserveBlock') this.lingers = true;
    if (operation === 'create') this.lingers = false;
    await this.ensureUp();
    try {
      return await this.send(operation, args);
    } catch (error) {
      if (error instanceof KopsError) throw error;
      this.up = undefined;
      throw lostCall(operation, error);
    }
  }

  private ensureUp(): Promise<void> {
    this.up ??= this.bringUp().catch((error) => {
      this.up = undefined;
      throw error;
    });
    return this.up;
  }

  private async bringUp(): Promise<void> {
    let hello = await this.hello();
    if (!hello) {
      await this.mayRun();
      await startDaemon(this.environment, this.paths, this.entry);
      hello = await this.hello();
    }
    if (hello && hello.version !== this.version) throw otherVersion(hello.version, this.version);
  }

  /** A home whose clusters and buckets were stopped stays stopped; one without any begins anew. */
  private async mayRun(): Promise<void> {
    if (shouldRun(this.paths)) return;
    if (hasContent(this.paths.folder)) throw stopped(this.paths.home);
    await setIntent(this.paths, true);
  }

  private async whileRunning(operation: string): Promise<unknown> {
    try {
      return await this.send(operation, []);
    } catch (error) {
      if (error instanceof KopsError || !isAbsent(error)) throw error;
      return undefined;
    }
  }

  private send(operation: string, args: unknown[]): Promise<unknown> {
    const body = JSON.stringify({ operation, args: args.slice(0, args.findLastIndex((argument) => argument !== undefined) + 1) });
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), [versionHeader]: this.version };
      const call = request({ socketPath: this.paths.socket, method: 'POST', path: '/call', headers, agent: this.agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          try {
            const answer = JSON.parse(Buffer.concat(chunks).toString()) as CallAnswer;
            if (answer.error) reject(fromWireError(answer.error));
            else resolve(answer.result);
          } catch (error) {
            reject(error);
          }
        });
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}

/** A process that has ended and only waits for its parent to notice counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(systemCode(error) ?? '');
}

function lostCall(operation: string, error: unknown): CloudError {
  // Refused: it never began. Anything else may have had its effect before the answer was lost.
  const began = systemCode(error) !== 'ECONNREFUSED' && systemCode(error) !== 'ENOENT';
  return new CloudError(began ? 'ambiguous' : 'unavailable', operation, `the local cloud went away during ${operation}: ${messageOf(error)}`, { cause: error });
}

function stopped(home: string): KopsError {
  return new KopsError(`the local cloud of ${home} is stopped`, { code: 'LOCAL_CLOUD_STOPPED', exit: 'notReady', object: home, suggestions: ['kops-ts local start'] });
}
