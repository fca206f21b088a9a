import { Args, Flags } from '@oclif/core';
import { BaseCommand, usage } from '../../cli/base-command.ts';

export default class CreateKeypair extends BaseCommand {
  static override summary = 'Add a key to a key set, or to all: the first step of a rotation. It is believed at once and signs when it is promoted.';
  static override description =
    'A rotation: create keypair all, update cluster --yes, export kubeconfig; promote keypair all, update, export; distrust keypair all, update, export. Roll all machines after each update.';
  static override hiddenAliases = ['create:keypairs'];
  static override examples = [
    '<%= config.bin %> create keypair all --name demo.k8s.local',
    '<%= config.bin %> create keypair kubernetes-ca --cert ca.pem --key ca-key.pem --primary',
  ];
  static override args = { keyset: Args.string({ description: 'Name of the key set, or all', required: true }) };
  static override flags = {
    cert: Flags.string({ summary: 'File with a certificate to add, in place of a new one.', helpValue: 'FILE' }),
    key: Flags.string({ summary: 'File with its private key.', helpValue: 'FILE', dependsOn: ['cert'] }),
    primary: Flags.boolean({ summary: 'Sign with it at once.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(CreateKeypair);
    if (flags.primary && flags.cert !== undefined && flags.key === undefined)
      throw usage('--primary needs the private key: nothing can be signed without it', ['Give --key FILE.']);
    await this.withOperator(flags, async (operator) => {
      const cluster = await this.clusterName(operator, undefined, flags.name);
      const { createKeypair } = await import('../../operations/keypairs.ts');
      const { readInput } = await import('../../cli/read-input.ts');
      const given =
        flags.cert === undefined
          ? {}
          : { given: { certificatePem: await readInput(flags.cert), ...(flags.key === undefined ? {} : { privateKeyPem: await readInput(flags.key) }) } };
      const created = await createKeypair(operator, cluster, args.keyset, { ...given, primary: flags.primary });
      for (const { keyset, id } of created) this.print(`Created ${keyset} ${id}\n`);
      this.note(`Try this: kops-ts update cluster ${cluster} --yes`);
    });
  }
}
