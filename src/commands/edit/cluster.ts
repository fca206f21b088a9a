import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { setFlag, unsetFlag } from '../../cli/flags.ts';
import type { Cluster } from '../../spec/types.ts';

export default class EditCluster extends BaseCommand {
  static override summary = 'Change the spec of a cluster, in an editor or with --set and --unset. The cloud stays as it is until update cluster --yes.';
  static override hiddenAliases = ['edit:clusters'];
  static override examples = ['<%= config.bin %> edit cluster demo.k8s.local', '<%= config.bin %> edit cluster --set spec.kubernetesVersion=v1.36.0'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = { set: setFlag, unset: unsetFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EditCluster);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { editCluster, checkChange } = await import('../../operations/edit-objects.ts');
      const { applyChange } = await import('../../cli/change-of.ts');
      const changed = await applyChange<Cluster, boolean>(
        operator,
        flags,
        (cluster) => checkChange(operator, name, cluster),
        (change) => editCluster(operator, name, change),
      );
      this.note(changed ? `Cluster/${name} is changed; nothing runs differently yet.\nTry this: kops-ts update cluster ${name}` : 'Nothing changed.');
    });
  }
}
