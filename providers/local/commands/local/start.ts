import { damaged } from '../../daemon/status.ts';
import { LocalCommand } from '../../local-command.ts';

export default class LocalStart extends LocalCommand {
  static override summary = 'Start the local cloud of this home with all its clusters and buckets, as they were.';
  static override description = 'Commands that need it start it by themselves, unless it was stopped with `local stop`.';
  static override examples = ['<%= config.bin %> local start'];

  async run(): Promise<void> {
    await this.parse(LocalStart);
    const status = await this.withDaemon(async (client) => {
      await client.start();
      const status = await client.status();
      // Whoever starts it wants it to stay, also while it has no bucket yet.
      if (status.objectStorage) await client.objectStorage();
      return status;
    });
    const names = status.clusters.map((cluster) => cluster.name);
    const content = names.length > 0 ? `: ${names.join(', ')}` : status.objectStorage ? '' : '; it has no clusters and ends by itself';
    this.print(`The local cloud of ${status.home} runs (process ${status.pid})${content}\n`);
    if (status.objectStorage) this.print(`Its object storage answers at ${status.objectStorage.endpoint}\n`);
    for (const problem of status.problems) this.note(damaged(problem));
    for (const cluster of status.clusters) if (cluster.problem !== undefined) this.note(`${cluster.name} does not run: ${cluster.problem}`);
  }
}
