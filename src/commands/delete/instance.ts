import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { yesFlag } from '../../cli/flags.ts';

export default class DeleteInstance extends BaseCommand {
  static override summary = 'Terminate a machine, by its id or node name; its instance group starts another.';
  static override description = 'The machine is terminated at once: its pods end and run elsewhere. To move them first: kubectl drain.';
  static override hiddenAliases = ['delete:instances'];
  static override examples = ['<%= config.bin %> delete instance i-0a1b2c3d4e5f67890 --name demo.k8s.local --yes'];
  static override args = { instance: Args.string({ description: 'Id of the instance or name of its node', required: true }) };
  static override flags = { yes: yesFlag, cloudonly: Flags.boolean({ summary: 'Accepted as in kops: nothing is drained.', hidden: true }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DeleteInstance);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, undefined, flags.name);
      const { deleteInstance } = await import('../../operations/delete-instance.ts');
      const found = await deleteInstance(operator, name, args.instance, { apply: flags.yes });
      const what = `instance ${found.id} (node ${found.nodeName || 'none'}) of instance group ${found.instanceGroup}`;
      this.print(flags.yes ? `Terminated ${what}\n` : `Would terminate ${what}\nMust specify --yes: kops-ts delete instance ${found.id} --name ${name} --yes\n`);
    });
  }
}
