import { LocalCommand } from '../../local-command.ts';

export default class LocalStop extends LocalCommand {
  static override summary = 'Stop the local cloud of this home. Its clusters and buckets stay, and are back after `local start`.';
  static override examples = ['<%= config.bin %> local stop'];

  async run(): Promise<void> {
    await this.parse(LocalStop);
    const ran = await this.withDaemon((client) => client.stop());
    this.print(ran ? 'The local cloud is stopped; `kops-ts local start` brings it back.\n' : 'The local cloud did not run.\n');
  }
}
