import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { progressFlag, yesFlag } from '../../cli/flags.ts';
import type { ActualResource } from '../../cloud/resource.ts';

export default class DeleteCluster extends BaseCommand {
  static override summary = 'List what a cluster owns; with --yes delete it all: cloud resources, state, kubeconfig context.';
  static override hiddenAliases = ['delete:clusters'];
  static override examples = ['<%= config.bin %> delete cluster demo.k8s.local', '<%= config.bin %> delete cluster demo.k8s.local --yes'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = { yes: yesFlag, progress: progressFlag, unregister: Flags.boolean({ summary: 'Forget the cluster, leave the cloud as it is.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DeleteCluster);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name, { explicit: true });
      const { deleteCluster } = await import('../../operations/delete-cluster.ts');
      const { deletionTable } = await import('../../cli/views/tables.ts');
      const list = (resources: readonly ActualResource[]) => {
        if (resources.length > 0) this.print(`${deletionTable(resources.map((resource) => ({ type: resource.kind, name: resource.name, id: resource.id })))}\n`);
      };
      if (!flags.yes) {
        list(await deleteCluster(operator, name, { apply: false, unregister: flags.unregister }));
        this.print(`Must specify --yes to delete cluster ${name}: kops-ts delete cluster ${name} --yes\n`);
        return;
      }
      await deleteCluster(operator, name, { apply: true, unregister: flags.unregister, onListed: list });
      this.print(flags.unregister ? `Unregistered cluster: "${name}"\n` : `Deleted cluster: "${name}"\n`);
    });
  }
}
