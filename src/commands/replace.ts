import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { filenameFlag } from '../cli/flags.ts';

export default class Replace extends BaseCommand {
  static override summary = 'Replace objects by those of a file: clusters, instance groups, SSH public keys, addons. The cloud stays as it is until update cluster --yes.';
  static override examples = ['<%= config.bin %> get all demo.k8s.local -o yaml > cluster.yaml', '<%= config.bin %> replace -f cluster.yaml'];
  static override flags = { filename: filenameFlag, force: Flags.boolean({ summary: 'Also make what does not exist yet.' }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(Replace);
    await this.withOperator(flags, async (operator) => {
      const { replaceObjects } = await import('../operations/store-objects.ts');
      const { readObjects } = await import('../cli/read-input.ts');
      const results = await replaceObjects(operator, await readObjects(flags.filename), { force: flags.force });
      this.print(results.map(({ verb, object }) => `${verb} ${object.kind.toLowerCase()}/${object.metadata.name}\n`).join(''));
      for (const name of new Set(results.map((result) => result.cluster))) this.note(`Try this: kops-ts update cluster ${name}`);
    });
  }
}
