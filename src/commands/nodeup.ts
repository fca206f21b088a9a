import { readFile } from 'node:fs/promises';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { createProcessEnvironment } from '../cli/process-environment.ts';

export default class Nodeup extends BaseCommand {
  static override summary = 'Run this machine as a node of its cluster. Instances call it; people need it only to look after one.';
  static override examples = ['<%= config.bin %> nodeup --conf /etc/kops-ts/boot.yaml'];
  static override hidden = true;
  static override flags = { conf: Flags.string({ summary: 'The boot config from the user data of the instance.', required: true, helpValue: 'FILE' }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(Nodeup);
    const environment = createProcessEnvironment('kops-ts nodeup', (message) => this.note(message));
    const [{ providers }, { nodeup }, { runCommand }, { startProgram }] = await Promise.all([
      import('../cli/providers.ts'),
      import('../nodeup/machine/nodeup.ts'),
      import('../lib/run-command.ts'),
      import('../lib/start-program.ts'),
    ]);
    await nodeup({
      environment,
      bootConfig: await readFile(flags.conf, 'utf8'),
      loadProvider: providers.load,
      run: runCommand,
      start: startProgram,
      root: environment.variables.KOPS_TS_ROOT ?? '',
    });
  }
}
