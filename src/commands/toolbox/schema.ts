import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';

const kinds: Readonly<Record<string, string>> = { cluster: 'Cluster', instancegroup: 'InstanceGroup', sshcredential: 'SSHCredential' };

export default class ToolboxSchema extends BaseCommand {
  static override summary = 'Print the JSON Schema of a kind, for editors to complete and check specs by.';
  static override examples = ['<%= config.bin %> toolbox schema cluster > cluster.schema.json', '<%= config.bin %> toolbox schema instancegroup > instancegroup.schema.json'];
  static override args = { kind: Args.string({ description: 'cluster, instancegroup or sshcredential', required: true, options: Object.keys(kinds) }) };

  async run(): Promise<void> {
    const { args } = await this.parse(ToolboxSchema);
    const { jsonSchema } = await import('../../spec/json-schema.ts');
    const { formatJson } = await import('../../cli/views/objects.ts');
    this.print(formatJson(jsonSchema(kinds[args.kind] ?? '')));
  }
}
