import { Flags } from '@oclif/core';
import { LocalCommand } from '../../local-command.ts';

export default class LocalStatus extends LocalCommand {
  static override summary = 'Show the local cloud of this home: its process, clusters, addresses and buckets.';
  static override examples = ['<%= config.bin %> local status', '<%= config.bin %> local status -o json'];
  static override flags = { output: Flags.option({ char: 'o', options: ['table', 'json', 'yaml'] as const, default: 'table' as const, summary: 'Output format.' })() };

  async run(): Promise<void> {
    const { flags } = await this.parse(LocalStatus);
    const status = await this.withDaemon((client) => client.status());
    const [{ formatYaml }, { statusTable }] = await Promise.all([import('../../../../src/lib/yaml.ts'), import('../../daemon/status-table.ts')]);
    if (flags.output === 'json') this.print(`${JSON.stringify(status, undefined, 2)}\n`);
    else this.print(flags.output === 'yaml' ? formatYaml(status) : statusTable(status));
  }
}
