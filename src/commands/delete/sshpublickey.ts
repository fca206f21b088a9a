import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';

export default class DeleteSshPublicKey extends BaseCommand {
  static override summary = 'Take the SSH public keys from a cluster, or one of them.';
  static override hiddenAliases = ['delete:sshpublickeys'];
  static override examples = ['<%= config.bin %> delete sshpublickey demo.k8s.local', '<%= config.bin %> delete sshpublickey demo.k8s.local --id 4b:2c:9d:…'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = { id: Flags.string({ summary: 'Only the key with this id; get sshpublickeys shows it.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DeleteSshPublicKey);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { deleteSshPublicKeys } = await import('../../operations/ssh-public-keys.ts');
      for (const id of await deleteSshPublicKeys(operator, name, flags.id)) this.print(`Deleted SSH public key ${id}\n`);
    });
  }
}
