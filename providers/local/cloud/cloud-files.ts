import type { Disk } from '../../../src/lib/disk.ts';
import { messageOf, systemCode } from '../../../src/lib/errors.ts';
import { isPlainObject } from '../../../src/lib/json.ts';
import type { ClusterState } from './state.ts';

/** A file that could not be read: kept aside, so that nothing is lost and the rest works. */
export interface StateProblem {
  file: string;
  keptAs: string;
  message: string;
  /** Whose state it was; absent when it is not the file of one cluster. */
  cluster?: string;
}

export interface LoadedState {
  clusters: ClusterState[];
  /** Cluster name → block. */
  blocks: Record<string, string>;
  problems: StateProblem[];
}

const folder = 'clusters';
const blocksFile = 'blocks.json';
const keptName = /^(.*)\.json\.corrupt(?:-\d+)?$/;

/** The cloud's memory on disk: one file a cluster, each written whole or not at all. */
export class CloudFiles {
  private readonly disk: Disk;
  private readonly lookOnly: boolean;
  private readonly writers = new Map<string, Writer>();

  /** `lookOnly`: nothing is written, files that cannot be read stay where they are. */
  constructor(disk: Disk, options: { lookOnly?: boolean } = {}) {
    this.disk = disk;
    this.lookOnly = options.lookOnly ?? false;
  }

  async load(): Promise<LoadedState> {
    const problems: StateProblem[] = [];
    const clusters: ClusterState[] = [];
    const names = await this.disk.list(folder);
    for (const name of names) {
      const kept = keptName.exec(name)?.[1];
      if (kept !== undefined && !names.includes(`${kept}.json`)) problems.push(keptEarlier(`${kept}.json`, name));
      if (!name.endsWith('.json')) continue;
      const state = await this.read(`${folder}/${name}`, isClusterState, problems, clusterOf(name));
      if (state) clusters.push(state);
    }
    const blocks = (await this.read(blocksFile, isTextRecord, problems)) ?? {};
    return { clusters, blocks, problems };
  }

  /** Resolves when this state, or a later one, is on disk. Calls that come while a write runs share the next one. */
  saveCluster(state: ClusterState): Promise<void> {
    return this.writer(fileOf(state.cluster)).write(() => state);
  }

  removeCluster(cluster: string): Promise<void> {
    return this.writer(fileOf(cluster)).write(() => undefined);
  }

  saveBlocks(blocks: Record<string, string>): Promise<void> {
    return this.writer(blocksFile).write(() => (Object.keys(blocks).length === 0 ? undefined : blocks));
  }

  /** Removes what was kept aside of a cluster. */
  async discardKept(cluster: string): Promise<void> {
    const kept = (await this.disk.list(folder)).filter((name) => keptName.exec(name)?.[1] === encodeURIComponent(cluster));
    await Promise.all(kept.map((name) => this.disk.remove(`${folder}/${name}`)));
  }

  private writer(path: string): Writer {
    let writer = this.writers.get(path);
    if (!writer) {
      writer = new Writer(this.disk, path);
      this.writers.set(path, writer);
    }
    return writer;
  }

  private async read<T>(path: string, check: (value: unknown) => value is T, problems: StateProblem[], cluster?: string): Promise<T | undefined> {
    let data: Uint8Array;
    try {
      data = await this.disk.readFile(path);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const value: unknown = JSON.parse(Buffer.from(data).toString());
      if (check(value)) return value;
      throw new SyntaxError('it is JSON, but not a state of the local cloud');
    } catch (error) {
      problems.push({ file: path, keptAs: this.lookOnly ? path : await this.keepAside(path), message: messageOf(error), ...(cluster === undefined ? {} : { cluster }) });
      return undefined;
    }
  }

  private async keepAside(path: string): Promise<string> {
    const parts = path.split('/');
    const base = `${parts.pop()}.corrupt`;
    const taken = new Set(await this.disk.list(parts.join('/')));
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
    const target = [...parts, name].join('/');
    await this.disk.rename(path, target);
    return target;
  }
}

/** One write at a time for a file; whoever comes meanwhile waits for the next, which has everybody's changes. */
class Writer {
  private readonly disk: Disk;
  private readonly path: string;
  private running: Promise<void> | undefined;
  private queued: { content: () => unknown; done: Promise<void> } | undefined;

  constructor(disk: Disk, path: string) {
    this.disk = disk;
    this.path = path;
  }

  write(content: () => unknown): Promise<void> {
    if (!this.running) return this.start(content);
    if (this.queued) this.queued.content = content;
    else {
      const queued = { content, done: Promise.resolve() };
      const next = () => {
        this.queued = undefined;
        return this.start(queued.content);
      };
      queued.done = this.running.then(next, next);
      this.queued = queued;
    }
    return this.queued.done;
  }

  private start(content: () => unknown): Promise<void> {
    const running = this.put(content()).finally(() => {
      if (this.running === running) this.running = undefined;
    });
    this.running = running;
    return running;
  }

  private async put(value: unknown): Promise<void> {
    if (value === undefined) await this.disk.remove(this.path);
    else await this.disk.writeFile(this.path, Buffer.from(`${JSON.stringify(value)}\n`), { mode: 0o600 });
  }
}

function clusterOf(fileName: string): string {
  return decodeURIComponent(fileName.replace(/\.json$/, ''));
}

/** Nothing has taken the place of a file that an earlier start could not read. */
function keptEarlier(file: string, keptAs: string): StateProblem {
  return { file: `${folder}/${file}`, keptAs: `${folder}/${keptAs}`, message: 'an earlier start found it damaged', cluster: clusterOf(file) };
}

function fileOf(cluster: string): string {
  return `${folder}/${encodeURIComponent(cluster)}.json`;
}

function isClusterState(value: unknown): value is ClusterState {
  return isPlainObject(value) && value.version === 1 && typeof value.cluster === 'string' && Array.isArray(value.resources) && Array.isArray(value.instances);
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isPlainObject(value) && Object.values(value).every((item) => typeof item === 'string');
}
