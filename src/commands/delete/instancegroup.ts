import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { yesFlag } from '../../cli/flags.ts';
import type { ActualResource } from '../../cloud/resource.ts';

export default class DeleteInstanceGroup extends BaseCommand {
  static override summary = 'List what an instance group owns; with --yes delete it: its machines at once, and its spec.';
  static override description = 'Nothing is drained: pods of its machines end and run elsewhere. To move them first: kubectl drain.';
  static override hiddenAliases = ['delete:ig', 'delete:instancegroups'];
  static override examples = ['<%= config.bin %> delete ig workers --name demo.k8s.local', '<%= config.bin %> delete ig workers --yes'];
  static override args = { instancegroup: Args.string({ description: 'Name of the instance group', required: true }) };
  static override flags = { yes: yesFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DeleteInstanceGroup);
    const name = args.instancegroup;
    await this.withOperator(flags, async (operator) => {
      const cluster = await this.clusterName(operator, undefined, flags.name);
      const { deleteInstanceGroup } = await import('../../operations/delete-instance-group.ts');
      const { deletionTable } = await import('../../cli/views/tables.ts');
      const onListed = (resources: readonly ActualResource[]) => {
        if (resources.length > 0) this.print(`${deletionTable(resources.map((resource) => ({ type: resource.kind, name: resource.name, id: resource.id })))}\n`);
      };
      await deleteInstanceGroup(operator, cluster, name, { apply: flags.yes, onListed });
      this.print(
        flags.yes
          ? `Deleted InstanceGroup: "${name}"\n`
          : `InstanceGroup "${name}" found for deletion\nMust specify --yes to delete instancegroup: kops-ts delete ig ${name} --name ${cluster} --yes\n`,
      );
    });
  }
}
