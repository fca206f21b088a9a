import { CloudError } from '../../../src/cloud/errors.ts';
import type { Disk } from '../../../src/lib/disk.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import { CloudFiles, type StateProblem } from './cloud-files.ts';
import { type ClusterState, emptyCluster, type InstanceRecord, isEmpty, type StoredResource } from './state.ts';

/** Everything the cloud remembers, in memory and on disk. Change the objects, then `save`. */
export class Ledger {
  problems: readonly StateProblem[];
  /** Cluster name → block that is kept for it. */
  readonly blocks: Record<string, string>;
  private readonly files: CloudFiles;
  private readonly states: Map<string, ClusterState>;

  private constructor(files: CloudFiles, states: readonly ClusterState[], blocks: Record<string, string>, problems: readonly StateProblem[]) {
    this.files = files;
    this.states = new Map(states.map((state) => [state.cluster, state]));
    this.blocks = blocks;
    this.problems = problems;
  }

  static async open(disk: Disk): Promise<Ledger> {
    const files = new CloudFiles(disk);
    const { clusters, blocks, problems } = await files.load();
    return new Ledger(files, clusters, blocks, problems);
  }

  clusters(): ClusterState[] {
    return [...this.states.values()].filter((state) => !isEmpty(state));
  }

  cluster(name: string): ClusterState | undefined {
    return this.states.get(name);
  }

  ensureCluster(name: string): ClusterState {
    const state = this.states.get(name) ?? emptyCluster(name);
    this.states.set(name, state);
    return state;
  }

  findResource(id: string): { state: ClusterState; resource: StoredResource } | undefined {
    for (const state of this.states.values()) {
      const resource = state.resources.find((candidate) => candidate.id === id);
      if (resource) return { state, resource };
    }
    return undefined;
  }

  findInstance(matches: (instance: InstanceRecord) => boolean): { state: ClusterState; instance: InstanceRecord } | undefined {
    for (const state of this.states.values()) {
      const instance = state.instances.find(matches);
      if (instance) return { state, instance };
    }
    return undefined;
  }

  /** Resolves when the cluster's state, or a later one, survives a crash. A cluster without anything is forgotten, its block is free again. */
  async save(state: ClusterState): Promise<void> {
    try {
      if (!isEmpty(state)) return await this.files.saveCluster(state);
      if (this.states.get(state.cluster) !== state) return;
      this.states.delete(state.cluster);
      await this.files.removeCluster(state.cluster);
      if (this.blocks[state.cluster] === undefined) return;
      delete this.blocks[state.cluster];
      await this.saveBlocks();
    } catch (error) {
      throw new CloudError('unavailable', 'save', `the local cloud cannot write its state: ${messageOf(error)}`, { object: state.cluster, cause: error });
    }
  }

  /** Throws away the files that were kept because they could not be read. */
  async forget(cluster: string): Promise<void> {
    await this.files.discardKept(cluster);
    this.problems = this.problems.filter((problem) => problem.cluster !== cluster);
  }

  saveBlocks(): Promise<void> {
    return this.files.saveBlocks(this.blocks);
  }
}
