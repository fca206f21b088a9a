import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';

export default class GetKeypairs extends BaseCommand {
  static override summary = 'List the keys of a cluster: those that sign, and those that are believed.';
  static override hiddenAliases = ['get:keypair'];
  static override examples = ['<%= config.bin %> get keypairs --name demo.k8s.local', '<%= config.bin %> get keypairs kubernetes-ca --distrusted'];
  static override strict = false;
  static override args = { keyset: Args.string({ description: 'Only those of these key sets' }) };
  static override flags = { output: outputFlag(['table', 'yaml', 'json', 'name']), distrusted: Flags.boolean({ summary: 'Also those that are not believed any more.' }) };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(GetKeypairs);
    await this.withOperator(flags, async (operator) => {
      const cluster = await this.clusterName(operator, undefined, flags.name);
      const { listKeypairs } = await import('../../operations/keypairs.ts');
      const { keypairsText } = await import('../../cli/views/credentials.ts');
      this.print(keypairsText(await listKeypairs(operator, cluster, argv as string[], flags), flags.output, flags));
    });
  }
}
