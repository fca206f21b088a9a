import { BaseCommand } from '../../cli/base-command.ts';
import { filenameFlag } from '../../cli/flags.ts';

export default class Create extends BaseCommand {
  static override summary = 'Store the objects of a file: clusters, instance groups, SSH public keys, addons.';
  static override examples = ['<%= config.bin %> create -f cluster.yaml', 'cat cluster.yaml | <%= config.bin %> create -f -'];
  static override flags = { filename: filenameFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(Create);
    await this.withOperator(flags, async (operator) => {
      const { createObjects } = await import('../../operations/store-objects.ts');
      const { readObjects } = await import('../../cli/read-input.ts');
      const results = await createObjects(operator, await readObjects(flags.filename));
      this.print(results.map(({ verb, object }) => `${verb} ${object.kind.toLowerCase()}/${object.metadata.name}\n`).join(''));
      for (const name of new Set(results.map((result) => result.cluster))) this.note(`Build it with: kops-ts update cluster --name ${name} --yes`);
    });
  }
}
