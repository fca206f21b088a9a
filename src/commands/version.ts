import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';

export default class Version extends BaseCommand {
  static override summary = 'Print the version of kops-ts.';
  static override examples = ['<%= config.bin %> version', '<%= config.bin %> version --short'];
  static override flags = { short: Flags.boolean({ summary: 'Only the number.' }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(Version);
    const { version } = this.config;
    this.print(flags.short ? `${version}\n` : `Client version: ${version}\n`);
  }
}
