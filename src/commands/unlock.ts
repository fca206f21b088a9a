import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { yesFlag } from '../cli/flags.ts';

export default class Unlock extends BaseCommand {
  static override summary = 'Show who holds the lock of a cluster; with --yes remove it. Only when its holder is gone: one that runs stops at its next step.';
  static override hiddenAliases = ['toolbox:unlock'];
  static override examples = ['<%= config.bin %> unlock demo.k8s.local', '<%= config.bin %> unlock demo.k8s.local --yes'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = { yes: yesFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Unlock);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name, { explicit: true });
      const { breakLock, readLock } = await import('../state/lock.ts');
      const { objects } = operator.store;
      const info = flags.yes ? await breakLock(objects, name) : await readLock(objects, name);
      if (!info) this.print(`Cluster ${name} is not locked\n`);
      else this.print(`${flags.yes ? 'Removed the lock of' : 'Cluster is locked:'} ${name}, held by ${info.holder} since ${info.acquired} for "${info.operation}"\n`);
    });
  }
}
