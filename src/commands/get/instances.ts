import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';

export default class GetInstances extends BaseCommand {
  static override summary = 'List the machines of a cluster.';
  static override hiddenAliases = ['get:instance'];
  static override examples = ['<%= config.bin %> get instances --name demo.k8s.local', '<%= config.bin %> get instances -o json'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = { output: outputFlag(['table', 'wide', 'yaml', 'json', 'name']) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GetInstances);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { getInstances } = await import('../../operations/get-instances.ts');
      const { formatObjects } = await import('../../cli/views/objects.ts');
      const { instancesTable } = await import('../../cli/views/tables.ts');
      const rows = await getInstances(operator, name);
      if (flags.output === 'json' || flags.output === 'yaml') this.print(formatObjects(rows, flags.output));
      else if (flags.output === 'name') this.print(rows.map((row) => `${row.id}\n`).join(''));
      else this.print(instancesTable(rows));
    });
  }
}
