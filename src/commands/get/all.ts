import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';

export default class GetAll extends BaseCommand {
  static override summary = 'Show a cluster, its instance groups, SSH public keys and addon objects.';
  static override examples = ['<%= config.bin %> get all demo.k8s.local', '<%= config.bin %> get all demo.k8s.local -o yaml > cluster.yaml'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = { output: outputFlag(['table', 'wide', 'yaml', 'json', 'name']) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GetAll);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { getAll } = await import('../../operations/get-clusters.ts');
      const { printObjects } = await import('../../cli/views/print-objects.ts');
      const { clustersTable, instanceGroupsTable } = await import('../../cli/views/tables.ts');
      const { cluster, instanceGroups, sshCredentials, addons } = await getAll(operator, name);
      const { addonsTable, sshCredentialsTable } = await import('../../cli/views/credentials.ts');
      const wide = flags.output === 'wide';
      const table = () =>
        [
          `Cluster\n${clustersTable([cluster], { wide })}`,
          `Instance Groups\n${instanceGroupsTable(instanceGroups, cluster, { wide })}`,
          ...(sshCredentials.length > 0 ? [`SSH Public Keys\n${sshCredentialsTable(sshCredentials)}`] : []),
          ...(addons.length > 0 ? [`Addons\n${addonsTable(addons)}`] : []),
        ].join('\n');
      this.print(printObjects([cluster, ...instanceGroups, ...sshCredentials, ...addons], flags.output, { single: false, table }));
    });
  }
}
