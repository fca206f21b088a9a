import { existsSync, readdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { claimBlock } from '../../../src/fabric/block-claim.ts';
import { createLoopbackFabric } from '../../../src/fabric/loopback-fabric.ts';
import type { Timer } from '../../../src/lib/clock.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import { createNodeDisk } from '../../../src/lib/node-disk.ts';
import { cloudOperations } from '../cloud/api.ts';
import type { BootNode } from '../machine/shared.ts';
import { type OpenedLocalCloud, openLocalCloud } from '../open-local-cloud.ts';
import { HomeObjectStorage, hasObjectStorage } from './home-object-storage.ts';
import type { DaemonPaths } from './paths.ts';
import { type Operations, serveOperations } from './server.ts';
import { clusterStatuses, damaged, type LocalStatus } from './status.ts';

export interface DaemonOptions {
  environment: Environment;
  paths: DaemonPaths;
  version: string;
  bootNode: BootNode;
  /** Called once, when the daemon has stopped by itself or on request. */
  onStopped(): void;
}

const longestBootMs = 15_000;
/** Without any cluster or bucket the daemon ends after this long without a call. */
const idleMs = 15_000;

/** Hosts the local cloud of one home: its state, its machines, its socket. The caller holds the home's lock. */
export class Daemon {
  private readonly options: DaemonOptions;
  private readonly opened: OpenedLocalCloud;
  private readonly objectStorage: HomeObjectStorage;
  private server: Server | undefined;
  private idle: Timer | undefined;
  private stopping: Promise<void> | undefined;

  private constructor(options: DaemonOptions, opened: OpenedLocalCloud) {
    this.options = options;
    this.opened = opened;
    this.objectStorage = new HomeObjectStorage(options.environment, options.paths, () => this.waitIdle());
  }

  /** Resolves when it answers and every cluster's machines are on their way up. */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const { environment, paths } = options;
    const disk = createNodeDisk(paths.folder);
    const opened = await openLocalCloud({
      environment,
      bootNode: options.bootNode,
      openDisk: (path) => createNodeDisk(join(paths.folder, path)),
      removeDisk: (path) => disk.remove(path),
      createFabric: (own, blocks) => createLoopbackFabric({ environment: own, blocks, expose: 'all' }),
      claimBlock: async (cidr, cluster) => {
        const claim = await claimBlock(environment, cidr, { home: paths.home, cluster, pid: process.pid });
        return () => claim.release();
      },
    });
    const daemon = new Daemon(options, opened);
    await Promise.all([opened.cloud.resume(), daemon.objectStorage.resume()]);
    daemon.server = await serveOperations(paths.socket, daemon.operations(), { version: options.version, log: environment.log, onCall: () => daemon.waitIdle() });
    daemon.waitIdle();
    environment.log.info('the local cloud runs', { home: paths.home, version: options.version, clusters: opened.cloud.ledger.clusters().length });
    return daemon;
  }

  /** Machines stop, files are closed, the socket goes. What ran boots again at the next start. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private operations(): Operations {
    const { cloud } = this.opened;
    const cloudCalls = cloudOperations.map((name) => [name, (...args: never[]) => (cloud[name] as (...args: never[]) => Promise<unknown>).apply(cloud, args)] as const);
    return {
      ...Object.fromEntries(cloudCalls),
      hello: async () => ({ version: this.options.version, pid: process.pid, home: this.options.paths.home, problems: this.problems() }),
      status: () => this.status(),
      booted: () => this.booted(),
      objectStorage: () => this.objectStorage.access(),
      stop: async () => this.stopSoon(),
      exitIfEmpty: async () => {
        if (!this.empty) return undefined;
        this.stopSoon();
        return process.pid;
      },
    };
  }

  /** When every machine that was on its way up is up, or takes too long. */
  private async booted(): Promise<void> {
    const patience = new AbortController();
    const { clock } = this.options.environment;
    await Promise.race([this.opened.cloud.fleet.settled(), clock.sleep(longestBootMs, patience.signal).catch(() => undefined)]);
    patience.abort();
  }

  private get empty(): boolean {
    return this.opened.cloud.ledger.clusters().length === 0 && !this.objectStorage.inUse;
  }

  private get nothingToKeep(): boolean {
    const { ledger } = this.opened.cloud;
    return this.empty && Object.keys(ledger.blocks).length === 0 && !hasStateFiles(this.options.paths.folder) && !hasObjectStorage(this.options.paths.folder);
  }

  private async status(): Promise<LocalStatus> {
    const { cloud, room } = this.opened;
    const { paths, version } = this.options;
    const objectStorage = this.objectStorage.status();
    return {
      state: 'running',
      home: paths.home,
      version,
      pid: process.pid,
      processes: [{ pid: process.pid, role: 'daemon' }],
      clusters: await clusterStatuses(cloud, room),
      ...(objectStorage ? { objectStorage } : {}),
      problems: cloud.ledger.problems.map((problem) => ({ ...problem, file: this.statePath(problem.file), keptAs: this.statePath(problem.keptAs) })),
      log: paths.log,
    };
  }

  /** What every command should warn of: clusters that are down, files that were damaged. */
  private problems(): string[] {
    const { failures, ledger } = this.opened.cloud;
    return [
      ...(this.objectStorage.problem === undefined ? [] : [this.objectStorage.problem]),
      ...[...failures].map(([cluster, error]) => `cluster ${cluster} does not run: ${messageOf(error)}`),
      ...ledger.problems.filter((problem) => problem.cluster === undefined).map((problem) => damaged({ ...problem, keptAs: this.statePath(problem.keptAs) })),
    ];
  }

  private statePath(file: string): string {
    return join(this.options.paths.folder, 'cloud', file);
  }

  /** After the answer is written. */
  private stopSoon(): void {
    this.options.environment.clock.setTimer(0, () => void this.stop());
  }

  private waitIdle(): void {
    this.idle?.cancel();
    this.idle = this.options.environment.clock.setTimer(idleMs, () => (this.empty ? void this.stop() : this.waitIdle()), { background: true });
  }

  private async shutDown(): Promise<void> {
    const { environment, paths, onStopped } = this.options;
    this.idle?.cancel();
    rmSync(paths.socket, { force: true });
    const closed = new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
    this.server?.closeIdleConnections();
    this.objectStorage.close();
    await this.opened.cloud.close().catch((error) => environment.log.error('the local cloud did not stop cleanly', { error }));
    this.server?.closeAllConnections();
    await closed;
    environment.log.info('the local cloud stopped');
    if (this.nothingToKeep) rmSync(paths.folder, { recursive: true, force: true });
    if (dirname(paths.socket) !== paths.folder) rmSync(dirname(paths.socket), { recursive: true, force: true });
    onStopped();
  }
}

/** Also those that could not be read and were kept aside. */
function hasStateFiles(folder: string): boolean {
  const clusters = join(folder, 'cloud', 'clusters');
  return existsSync(clusters) && readdirSync(clusters).length > 0;
}
