import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { setFlag, unsetFlag } from '../../cli/flags.ts';
import type { InstanceGroup } from '../../spec/types.ts';

export default class EditInstanceGroup extends BaseCommand {
  static override summary = 'Change the spec of an instance group, in an editor or with --set and --unset.';
  static override hiddenAliases = ['edit:ig', 'edit:instancegroups'];
  static override examples = [
    '<%= config.bin %> edit ig nodes-local-1a --name demo.k8s.local',
    '<%= config.bin %> edit ig nodes-local-1a --set spec.minSize=2 --set spec.maxSize=2',
  ];
  static override args = { instancegroup: Args.string({ description: 'Name of the instance group', required: true }) };
  static override flags = { set: setFlag, unset: unsetFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EditInstanceGroup);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, undefined, flags.name);
      const { editInstanceGroup, checkChange } = await import('../../operations/edit-objects.ts');
      const { applyChange } = await import('../../cli/change-of.ts');
      const changed = await applyChange<InstanceGroup, boolean>(
        operator,
        flags,
        (group) => checkChange(operator, name, group),
        (change) => editInstanceGroup(operator, name, args.instancegroup, change),
      );
      this.note(changed ? `InstanceGroup/${args.instancegroup} is changed; nothing runs differently yet.\nTry this: kops-ts update cluster ${name}` : 'Nothing changed.');
    });
  }
}
