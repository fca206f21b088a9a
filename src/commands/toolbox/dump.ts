import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';

export default class ToolboxDump extends BaseCommand {
  static override summary = 'Print everything there is to know about a cluster: specs, machines, cloud resources.';
  static override examples = ['<%= config.bin %> toolbox dump demo.k8s.local', '<%= config.bin %> toolbox dump demo.k8s.local -o json'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = { output: outputFlag(['yaml', 'json'], 'yaml') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ToolboxDump);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { dumpCluster } = await import('../../operations/dump-cluster.ts');
      const { formatObjects } = await import('../../cli/views/objects.ts');
      this.print(formatObjects([await dumpCluster(operator, name)], flags.output === 'json' ? 'json' : 'yaml', true));
    });
  }
}
