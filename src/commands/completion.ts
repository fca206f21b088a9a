import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { completionScript, type Shell, shells } from '../cli/completion-script.ts';

export default class Completion extends BaseCommand {
  static override summary = 'Print what makes a shell complete commands, flags, clusters and instance groups.';
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    'source <(<%= config.bin %> completion zsh)',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/<%= config.bin %>.fish',
  ];
  static override args = { shell: Args.string({ description: 'Which shell', required: true, options: [...shells] }) };

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    this.print(completionScript(args.shell as Shell, this.config.bin));
  }
}
