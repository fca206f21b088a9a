import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';

export default class TrustKeypair extends BaseCommand {
  static override summary = 'Believe keys of a key set again that were distrusted.';
  static override hiddenAliases = ['trust:keypairs'];
  static override examples = ['<%= config.bin %> trust keypair kubernetes-ca 6977226549439859332 --name demo.k8s.local'];
  static override strict = false;
  static override args = {
    keyset: Args.string({ description: 'Name of the key set', required: true }),
    id: Args.string({ description: 'Ids of keys; get keypairs --distrusted shows them', required: true }),
  };

  async run(): Promise<void> {
    const { args, argv, flags } = await this.parse(TrustKeypair);
    await this.withOperator(flags, async (operator) => {
      const cluster = await this.clusterName(operator, undefined, flags.name);
      const { trustKeypairs } = await import('../../operations/keypairs.ts');
      for (const { keyset, id } of await trustKeypairs(operator, cluster, args.keyset, (argv as string[]).slice(1))) this.print(`Trusted ${keyset} ${id}\n`);
      this.note(`Try this: kops-ts update cluster ${cluster} --yes`);
    });
  }
}
