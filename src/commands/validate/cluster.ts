import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag, waitFlag } from '../../cli/flags.ts';
import { exitCodes } from '../../lib/errors.ts';

export default class ValidateCluster extends BaseCommand {
  static override summary = 'Check that everything that should run does; exits with 7 when it does not.';
  static override examples = ['<%= config.bin %> validate cluster demo.k8s.local', '<%= config.bin %> validate cluster --wait 10m'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = {
    output: outputFlag(['table', 'yaml', 'json']),
    wait: waitFlag,
    count: Flags.integer({ summary: 'So many successes in a row.', default: 1, min: 1 }),
    interval: Flags.string({ summary: 'Longest pause between two looks.', default: '10s', helpValue: 'DURATION' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ValidateCluster);
    const waitMs = this.duration('wait', flags.wait);
    const intervalMs = this.duration('interval', flags.interval);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { validateCluster } = await import('../../operations/validate-cluster.ts');
      const { formatObjects } = await import('../../cli/views/objects.ts');
      const { healthTables } = await import('../../cli/views/tables.ts');
      const { health, instanceGroups } = await validateCluster(operator, name, {
        count: flags.count,
        ...(waitMs === undefined ? {} : { waitMs }),
        ...(intervalMs === undefined ? {} : { intervalMs }),
      });
      if (flags.output === 'json' || flags.output === 'yaml') this.print(formatObjects([health], flags.output, true));
      else this.print(`Validating cluster ${name}\n\n${healthTables(name, instanceGroups, health)}`);
      if (health.failures.length > 0) this.exit(exitCodes.notReady);
    });
  }
}
