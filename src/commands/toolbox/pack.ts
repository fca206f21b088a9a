import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';

export default class ToolboxPack extends BaseCommand {
  static override summary = 'Write the archive of kops-ts that instances install, to keep it where KOPS_TS_BASE_URL points.';
  static override examples = ['<%= config.bin %> toolbox pack --out files', '<%= config.bin %> toolbox pack && aws s3 cp kops-ts-*.tgz s3://files/kops-ts/'];
  static override flags = { out: Flags.string({ summary: 'Folder to write it to.', default: '.', helpValue: 'FOLDER' }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(ToolboxPack);
    const [{ packForInstances }, { writeOutput }, { join }] = await Promise.all([
      import('../../operations/pack-for-instances.ts'),
      import('../../cli/write-output.ts'),
      import('node:path'),
    ]);
    const { name, packed } = await packForInstances();
    const file = join(flags.out, name);
    await writeOutput(file, packed.archive);
    this.print(`${file}\n`);
  }
}
