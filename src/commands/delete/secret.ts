import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';

export default class DeleteSecret extends BaseCommand {
  static override summary = 'Delete a secret of a cluster.';
  static override hiddenAliases = ['delete:secrets'];
  static override examples = ['<%= config.bin %> delete secret dockerconfig --name demo.k8s.local'];
  static override args = { secret: Args.string({ description: 'Name of the secret', required: true }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DeleteSecret);
    await this.withOperator(flags, async (operator) => {
      const cluster = await this.clusterName(operator, undefined, flags.name);
      const { deleteSecret } = await import('../../operations/secrets.ts');
      await deleteSecret(operator, cluster, args.secret);
      this.print(`Deleted secret ${args.secret} of ${cluster}\n`);
    });
  }
}
