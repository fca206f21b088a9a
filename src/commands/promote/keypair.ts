import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';

export default class PromoteKeypair extends BaseCommand {
  static override summary = 'Sign with another key of a key set, or of all: the newest, or the one that is named.';
  static override hiddenAliases = ['promote:keypairs'];
  static override examples = ['<%= config.bin %> promote keypair all --name demo.k8s.local', '<%= config.bin %> promote keypair kubernetes-ca 6977226549439859332'];
  static override args = {
    keyset: Args.string({ description: 'Name of the key set, or all', required: true }),
    id: Args.string({ description: 'Id of the key; get keypairs shows it' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PromoteKeypair);
    await this.withOperator(flags, async (operator) => {
      const cluster = await this.clusterName(operator, undefined, flags.name);
      const { promoteKeypair } = await import('../../operations/keypairs.ts');
      const promoted = await promoteKeypair(operator, cluster, args.keyset, args.id);
      for (const { keyset, id } of promoted) this.print(`Promoted ${keyset} ${id}\n`);
      this.note(promoted.length === 0 ? 'No keypair is newer than the primary.' : `Try this: kops-ts update cluster ${cluster} --yes`);
    });
  }
}
