import { BaseCommand } from '../../cli/base-command.ts';
import { filenameFlag, yesFlag } from '../../cli/flags.ts';

export default class Delete extends BaseCommand {
  static override summary = 'Delete the objects of a file, with their cloud resources: clusters, instance groups, SSH public keys, addons.';
  static override examples = ['<%= config.bin %> delete -f cluster.yaml', '<%= config.bin %> delete -f cluster.yaml --yes'];
  static override flags = { filename: filenameFlag, yes: yesFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(Delete);
    await this.withOperator(flags, async (operator) => {
      const { deleteObjects } = await import('../../operations/delete-objects.ts');
      const { readObjects } = await import('../../cli/read-input.ts');
      const { plural } = await import('../../lib/text.ts');
      const deleted = await deleteObjects(operator, await readObjects(flags.filename), { apply: flags.yes });
      for (const { object, resources } of deleted) {
        this.print(
          `${flags.yes ? 'Deleted' : 'Would delete'} ${object.kind.toLowerCase()}/${object.metadata.name}${resources > 0 ? ` and ${plural(resources, 'cloud resource')}` : ''}\n`,
        );
      }
      if (!flags.yes) this.print('Must specify --yes to delete\n');
    });
  }
}
