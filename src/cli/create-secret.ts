import { Args, Flags } from '@oclif/core';
import type { SecretName } from '../operations/secrets.ts';
import { BaseCommand } from './base-command.ts';

/** What the commands `create secret …` share. */
export abstract class CreateSecretCommand extends BaseCommand {
  static override args = { cluster: Args.string({ description: 'Name of the cluster' }) };
  static override flags = {
    filename: Flags.string({ char: 'f', summary: 'File with the secret; - reads standard input.', required: true, helpValue: 'FILE' }),
    force: Flags.boolean({ summary: 'Replace the one that is there.' }),
  };

  protected async keep(secret: SecretName): Promise<void> {
    // Of what a class inherits, the parser sees nothing.
    const { args, flags } = await this.parse({ args: CreateSecretCommand.args, flags: CreateSecretCommand.flags, baseFlags: BaseCommand.baseFlags });
    await this.withOperator(flags, async (operator) => {
      const cluster = await this.clusterName(operator, args.cluster, flags.name);
      const { createSecret } = await import('../operations/secrets.ts');
      const { readInput } = await import('./read-input.ts');
      await createSecret(operator, cluster, secret, await readInput(flags.filename), { force: flags.force });
      this.note(`Secret ${secret} of ${cluster} is kept.\nTry this: kops-ts update cluster ${cluster}`);
    });
  }
}
