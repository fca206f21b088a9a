import { damaged } from '../../daemon/status.ts';
import { LocalCommand } from '../../local-command.ts';

export default class LocalStart extends LocalCommand {
  static override summary = 'Start the local cloud of this home with all its clusters, as they were.';
  static override description = 'Commands that need it start it by themselves, unless it was stopped with `local stop`.';
  static override examples = ['<%= config.bin %> local start'];

  async run(): Promise<void> {
    await this.parse(LocalStart);
    const status = await this.withDaemon(async (client) => {
      await client.start();
      return client.status();
    });
    const names = status.clusters.map((cluster) => cluster.name);
    this.print(`The local cloud of ${status.home} runs (process ${status.pid})${names.length > 0 ? `: ${names.join(', ')}` : '; it has no clusters and ends by itself'}\n`);
    for (const problem of status.problems) this.note(damaged(problem));
    for (const cluster of status.clusters) if (cluster.problem !== undefined) this.note(`${cluster.name} does not run: ${cluster.problem}`);
  }
}
