import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';

export default class GetInstanceGroups extends BaseCommand {
  static override summary = 'List the instance groups of a cluster.';
  static override hiddenAliases = ['get:instancegroup', 'get:ig', 'get:igs'];
  static override examples = ['<%= config.bin %> get instancegroups --name demo.k8s.local', '<%= config.bin %> get ig nodes-local-1a -o yaml'];
  static override args = { instancegroup: Args.string({ description: 'Only this one' }) };
  static override flags = { output: outputFlag(['table', 'wide', 'yaml', 'json', 'name']) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GetInstanceGroups);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, undefined, flags.name);
      const { getSpecs } = await import('../../operations/get-clusters.ts');
      const { requireGroup } = await import('../../operations/edit-objects.ts');
      const { printObjects } = await import('../../cli/views/print-objects.ts');
      const { instanceGroupsTable } = await import('../../cli/views/tables.ts');
      const specs = await getSpecs(operator, name);
      const groups = args.instancegroup === undefined ? specs.instanceGroups : [requireGroup(specs, args.instancegroup)];
      const table = () => instanceGroupsTable(groups, specs.cluster, { wide: flags.output === 'wide' });
      this.print(printObjects(groups, flags.output, { single: args.instancegroup !== undefined, table }));
    });
  }
}
