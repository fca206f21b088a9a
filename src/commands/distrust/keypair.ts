import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';

export default class DistrustKeypair extends BaseCommand {
  static override summary = 'No longer believe keys of a key set, or of all: those older than the primary, or those that are named.';
  static override hiddenAliases = ['distrust:keypairs'];
  static override examples = ['<%= config.bin %> distrust keypair all --name demo.k8s.local', '<%= config.bin %> distrust keypair kubernetes-ca 6977226549439859332'];
  static override strict = false;
  static override args = {
    keyset: Args.string({ description: 'Name of the key set, or all', required: true }),
    id: Args.string({ description: 'Ids of keys; get keypairs shows them' }),
  };

  async run(): Promise<void> {
    const { args, argv, flags } = await this.parse(DistrustKeypair);
    await this.withOperator(flags, async (operator) => {
      const cluster = await this.clusterName(operator, undefined, flags.name);
      const { distrustKeypairs } = await import('../../operations/keypairs.ts');
      const distrusted = await distrustKeypairs(operator, cluster, args.keyset, (argv as string[]).slice(1));
      for (const { keyset, id } of distrusted) this.print(`Distrusted ${keyset} ${id}\n`);
      this.note(distrusted.length === 0 ? 'No keypair is older than the primary and still believed.' : `Try this: kops-ts update cluster ${cluster} --yes`);
    });
  }
}
