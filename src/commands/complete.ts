import { BaseCommand } from '../cli/base-command.ts';
import type { StoredNames } from '../cli/completion-words.ts';
import { homeFolder } from '../cli/home.ts';
import { createProcessEnvironment } from '../cli/process-environment.ts';
import type { ClusterStore } from '../state/cluster-store.ts';

/** What shells ask on every tab. Says nothing rather than an error: the user is in the middle of a line. */
export default class Complete extends BaseCommand {
  static override hidden = true;
  static override summary = 'What the last word of a command line may become, one a line.';
  static override examples = ['<%= config.bin %> complete -- get cl'];
  static override strict = false;

  async run(): Promise<void> {
    const words = this.argv[0] === '--' ? this.argv.slice(1) : this.argv;
    const { complete } = await import('../cli/completion-words.ts');
    const found = await complete(words, { commands: this.config.commands, names: this.storedNames(words) }).catch(() => ({ words: [], files: false }));
    this.print([...found.words, ...(found.files ? [':files'] : [])].map((word) => `${word}\n`).join(''));
  }

  private storedNames(words: readonly string[]): StoredNames {
    return {
      clusters: () => this.withStore(words, async (store) => folders((await store.objects.list('', { delimiter: '/' })).prefixes)),
      instanceGroups: (named) =>
        this.withStore(words, async (store, variables) => {
          const cluster = named ?? variables.KOPS_CLUSTER_NAME ?? (await this.currentCluster());
          if (cluster === undefined) return [];
          const folder = `${cluster}/instancegroup/`;
          return (await store.objects.list(folder)).keys.map((key) => key.slice(folder.length));
        }),
    };
  }

  private async withStore(words: readonly string[], use: (store: ClusterStore, variables: Readonly<Record<string, string | undefined>>) => Promise<string[]>): Promise<string[]> {
    const environment = createProcessEnvironment('complete');
    const { variables } = environment;
    const { openClusterStore } = await import('../cli/open-store.ts');
    const flags = { state: flagValue(words, '--state') ?? variables.KOPS_STATE_STORE, config: flagValue(words, '--config') };
    const { store, close } = await openClusterStore(await this.stateStore(flags, homeFolder(variables), variables), environment);
    try {
      return await use(store, variables);
    } finally {
      await close();
    }
  }

  private async currentCluster(): Promise<string | undefined> {
    const { readCurrentCluster } = await import('../operations/kubeconfig-file.ts');
    return readCurrentCluster(createProcessEnvironment('complete'));
  }
}

/** Clusters have a dot in their names, other folders of a store have not. */
function folders(prefixes: readonly string[]): string[] {
  return prefixes.map((prefix) => prefix.slice(0, -1)).filter((name) => name.includes('.'));
}

function flagValue(words: readonly string[], flag: string): string | undefined {
  const inline = words.find((word) => word.startsWith(`${flag}=`));
  return inline?.slice(flag.length + 1) ?? (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
}
