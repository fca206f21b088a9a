import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';

export default class CreateSshPublicKey extends BaseCommand {
  static override summary = 'Add an SSH public key for the machines of a cluster; machines get it when they are next created.';
  static override hiddenAliases = ['create:sshpublickeys'];
  static override examples = ['<%= config.bin %> create sshpublickey demo.k8s.local -i ~/.ssh/id_ed25519.pub'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = { 'ssh-public-key': Flags.string({ char: 'i', summary: 'File with the public key; - reads standard input.', required: true, helpValue: 'FILE' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CreateSshPublicKey);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { addSshPublicKey } = await import('../../operations/ssh-public-keys.ts');
      const { readInput } = await import('../../cli/read-input.ts');
      const id = await addSshPublicKey(operator, name, await readInput(flags['ssh-public-key']));
      this.note(`SSH public key ${id} added to ${name}.\nTry this: kops-ts update cluster ${name}`);
    });
  }
}
