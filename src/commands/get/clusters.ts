import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';

export default class GetClusters extends BaseCommand {
  static override summary = 'List clusters.';
  static override hiddenAliases = ['get:cluster'];
  static override examples = [
    '<%= config.bin %> get clusters',
    '<%= config.bin %> get cluster demo.k8s.local -o yaml',
    '<%= config.bin %> get cluster demo.k8s.local --full -o yaml',
    '<%= config.bin %> get cluster demo.k8s.local --full --explain',
  ];
  static override args = { cluster: Args.string({ description: 'Only this one' }) };
  static override flags = {
    output: outputFlag(['table', 'wide', 'yaml', 'json', 'name']),
    full: Flags.boolean({ summary: 'With everything that was left out filled in, and where it comes from.' }),
    explain: Flags.boolean({ summary: 'With --full: each value and its source (user, default, provider) in a table.', dependsOn: ['full'] }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GetClusters);
    await this.withOperator(flags, async (operator) => {
      const { getClusters } = await import('../../operations/get-clusters.ts');
      const named = args.cluster ?? flags.name;
      const clusters = await getClusters(operator, named);
      if (flags.full) {
        const { getCompleted } = await import('../../operations/get-completed.ts');
        const completed = [];
        for (const cluster of clusters) completed.push(await getCompleted(operator, cluster.metadata.name));
        if (flags.explain && flags.output !== 'json' && flags.output !== 'yaml') {
          const { formatExplained } = await import('../../cli/views/explain.ts');
          this.print(formatExplained(completed));
          return;
        }
        const { formatCompleted } = await import('../../cli/views/completed.ts');
        this.print(formatCompleted(completed, flags.output === 'json' ? 'json' : 'yaml', named !== undefined));
        return;
      }
      const { printObjects } = await import('../../cli/views/print-objects.ts');
      const { clustersTable } = await import('../../cli/views/tables.ts');
      const text = printObjects(clusters, flags.output, { single: named !== undefined, table: () => clustersTable(clusters, { wide: flags.output === 'wide' }) });
      if (clusters.length === 0 && (flags.output === 'table' || flags.output === 'wide')) this.note(`No clusters found in ${operator.store.objects.url}`);
      else this.print(text);
    });
  }
}
