import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';

export default class GetSshPublicKeys extends BaseCommand {
  static override summary = 'List the SSH public keys of a cluster.';
  static override hiddenAliases = ['get:sshpublickey', 'get:ssh'];
  static override examples = ['<%= config.bin %> get sshpublickeys demo.k8s.local', '<%= config.bin %> get sshpublickeys -o yaml'];
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = { output: outputFlag(['table', 'yaml', 'json', 'name']) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(GetSshPublicKeys);
    await this.withOperator(flags, async (operator) => {
      const name = await this.clusterName(operator, args.cluster, flags.name);
      const { listSshPublicKeys } = await import('../../operations/ssh-public-keys.ts');
      const { sshPublicKeysText } = await import('../../cli/views/credentials.ts');
      this.print(sshPublicKeysText(await listSshPublicKeys(operator, name), flags.output));
    });
  }
}
