import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputFlag } from '../../cli/flags.ts';

export default class GetSecrets extends BaseCommand {
  static override summary = 'List the secrets of a cluster; -o plaintext prints what they hold.';
  static override hiddenAliases = ['get:secret'];
  static override examples = ['<%= config.bin %> get secrets --name demo.k8s.local', '<%= config.bin %> get secret dockerconfig -o plaintext'];
  static override strict = false;
  static override args = { secret: Args.string({ description: 'Only these' }) };
  static override flags = { output: outputFlag(['table', 'yaml', 'json', 'name', 'plaintext']) };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(GetSecrets);
    const names = argv as string[];
    await this.withOperator(flags, async (operator) => {
      const cluster = await this.clusterName(operator, undefined, flags.name);
      const { listSecrets, readSecrets } = await import('../../operations/secrets.ts');
      const { secretsText } = await import('../../cli/views/credentials.ts');
      if (flags.output === 'plaintext') for (const { data } of await readSecrets(operator, cluster, names)) this.print(`${Buffer.from(data).toString()}\n`);
      else this.print(secretsText(await listSecrets(operator, cluster, names), flags.output));
    });
  }
}
