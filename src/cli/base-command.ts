import { Command, Flags, type Interfaces } from '@oclif/core';
import type { Environment } from '../lib/environment.ts';
import { isKopsError, KopsError, messageOf } from '../lib/errors.ts';
import { parseDurationMs } from '../lib/text.ts';
import type { Operator } from '../operations/operator.ts';
import { homeFolder, stateStoreUrl } from './home.ts';
import { normalizeArgv } from './normalize-argv.ts';
import { createProcessEnvironment } from './process-environment.ts';
import { createProgress } from './progress.ts';
import { renderError } from './render-error.ts';

type FlagInput = Interfaces.FlagInput;

/** What every command may be told about its surroundings. */
export interface GlobalFlags {
  state?: string | undefined;
  config?: string | undefined;
  'lock-timeout'?: string | undefined;
  /** Of commands that change the cloud. */
  progress?: string | undefined;
  /** Starts nothing, not even what should run and does not. */
  'dry-run'?: boolean | undefined;
}

/** What every command shares: global flags, the operator, the cluster's name, how errors look. Heavy modules load inside run(). */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    name: Flags.string({ summary: 'Name of the cluster; also KOPS_CLUSTER_NAME.', helpGroup: 'GLOBAL', helpValue: 'NAME' }),
    state: Flags.string({ summary: 'Where clusters are stored: s3://bucket, file:///folder.', env: 'KOPS_STATE_STORE', helpGroup: 'GLOBAL', helpValue: 'URL' }),
    config: Flags.string({ summary: 'File that names the state store, in place of ~/.kops.yaml.', helpGroup: 'GLOBAL', helpValue: 'FILE' }),
    'lock-timeout': Flags.string({ summary: 'How long to wait for a cluster that somebody else is changing: 60s, 10m.', helpGroup: 'GLOBAL', helpValue: 'DURATION' }),
  };

  private environment: Environment | undefined;

  /** The answer: standard output. */
  protected print(text: string): void {
    process.stdout.write(text);
  }

  /** A command that stops at a budget, before there is a plan, answers with what it would cost, then fails. */
  protected async explainBudget(error: unknown, json: boolean): Promise<never> {
    if (isKopsError(error, 'OVER_BUDGET')) {
      const [{ OverBudgetError }, { overBudgetText }] = await Promise.all([import('../operations/budget.ts'), import('./views/cost-view.ts')]);
      if (error instanceof OverBudgetError && !error.planned) this.print(overBudgetText(error, json));
    }
    throw error;
  }

  /** For people, beside the answer: standard error. */
  protected note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** Opens the state store and the clouds for the time of `use`; progress goes to standard error. */
  protected async withOperator<T>(flags: GlobalFlags, use: (operator: Operator) => Promise<T>): Promise<T> {
    const lockTimeoutMs = this.duration('lock-timeout', flags['lock-timeout']) ?? 0;
    const what = `kops-ts ${(this.id ?? '').replaceAll(':', ' ')}`;
    const json = flags.progress === 'json';
    const environment = createProcessEnvironment(what, ...(json ? [(message: string) => progress.event({ type: 'step', message })] : []));
    this.environment = environment;
    const { variables } = environment;
    const home = homeFolder(variables);
    const [{ openClusterStore }, { providers, reviveProviders }] = await Promise.all([import('./open-store.ts'), import('./providers.ts')]);
    const progress = createProgress(process.stderr, environment.clock, {
      json,
      plain: flags.progress === 'plain' || variables.TERM === 'dumb' || variables.CI !== undefined,
    });
    const opened = await openClusterStore(await this.stateStore(flags, home, variables), environment);
    try {
      if (!flags['dry-run']) await reviveProviders({ ...environment, home }).catch((error: unknown) => progress.event({ type: 'warning', message: messageOf(error) }));
      return await use({ environment, home, store: opened.store, providers, lockTimeoutMs, onEvent: (event) => progress.event(event) });
    } finally {
      progress.stop();
      await opened.close();
    }
  }

  /** --state or KOPS_STATE_STORE, then kops' configuration file, then a folder of ours. */
  protected async stateStore(flags: GlobalFlags, home: string, variables: Environment['variables']): Promise<string> {
    if (flags.state) return stateStoreUrl(flags.state, home);
    const { configuredStateStore } = await import('./kops-config.ts');
    return stateStoreUrl(await configuredStateStore(flags.config, variables), home);
  }

  /** The positional name, --name, KOPS_CLUSTER_NAME, and, unless `explicit`, the cluster of the current kubectl context. */
  protected async clusterName(operator: Operator, argument: string | undefined, flag: string | undefined, options: { explicit?: boolean } = {}): Promise<string> {
    if (argument !== undefined && flag !== undefined) throw usage('the cluster is named twice: by the argument and by --name', ['Give one of them.']);
    const named = argument ?? flag ?? operator.environment.variables.KOPS_CLUSTER_NAME;
    if (named) return named;
    if (!options.explicit) {
      const { readCurrentCluster } = await import('../operations/kubeconfig-file.ts');
      const cluster = await readCurrentCluster(operator.environment);
      if (cluster !== undefined) {
        operator.onEvent({ type: 'step', message: `Using cluster from kubectl context: ${cluster}` });
        return cluster;
      }
    }
    const how = 'cluster' in (this.ctor as typeof Command).args ? 'demo.k8s.local' : '--name demo.k8s.local';
    throw usage('the name of the cluster is missing', [`kops-ts ${(this.id ?? '').replaceAll(':', ' ')} ${how}`, 'kops-ts get clusters shows those that exist.']);
  }

  /** Milliseconds of a duration flag. */
  protected duration(flag: string, text: string | undefined): number | undefined {
    if (text === undefined) return undefined;
    const ms = parseDurationMs(text);
    if (ms === undefined) throw usage(`--${flag} ${text} is not a duration`, [`Write it as 60s, 10m or 1h30m: --${flag} 60s`]);
    return ms;
  }

  override async init(): Promise<void> {
    await super.init();
    this.argv = normalizeArgv(this.argv, this.allFlags());
    // Standard input may be the text of a file, never a name that is missing: a script's loop reads its own lines from it.
    for (const arg of Object.values((this.ctor as typeof Command).args)) arg.ignoreStdin = true;
  }

  override async catch(error: Error): Promise<void> {
    if ((error as { code?: string }).code === 'EEXIT') throw error;
    const { signal } = this.environment ?? {};
    const shown = signal?.aborted && !(error instanceof KopsError && error.exit !== 'bug') ? signal.reason : error;
    const flags = Object.entries(this.allFlags()).flatMap(([name, flag]) => [name, ...(flag.aliases ?? [])]);
    const result = renderError(shown, { flags, bin: this.config.bin, id: this.id ?? '', argv: this.argv, commands: this.config.commandIDs });
    process.stderr.write(wantsJson(this.argv) ? `${JSON.stringify(result.json)}\n` : result.text);
    this.exit(result.exitCode);
  }

  private allFlags(): FlagInput {
    const { flags, baseFlags } = this.ctor as typeof Command;
    return { ...(baseFlags as FlagInput), ...flags };
  }
}

export function usage(message: string, suggestions: string[]): KopsError {
  return new KopsError(message, { code: 'USAGE', exit: 'usage', suggestions });
}

/** `-o json` and `--progress json`: whoever reads standard error is a program. */
function wantsJson(argv: readonly string[]): boolean {
  return argv.some((word, i) => /^(-o=?|--output=|--progress=)json$/.test(word) || (/^(-o|--output|--progress)$/.test(word) && argv[i + 1] === 'json'));
}
