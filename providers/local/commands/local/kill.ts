import { Args } from '@oclif/core';
import { KopsError } from '../../../../src/lib/errors.ts';
import { LocalCommand } from '../../local-command.ts';

export default class LocalKill extends LocalCommand {
  static override summary = 'Cut the power of an instance: it says no goodbye, and is missed when its heartbeats stop.';
  static override description = 'Its group replaces it when its health check has failed, about a minute later. `delete instance` is the gentle way.';
  static override examples = ['<%= config.bin %> local kill i-0a1b2c3d4e5f60718'];
  static override args = { instance: Args.string({ description: 'Id of the instance; see `get instances`.', required: true }) };

  async run(): Promise<void> {
    const { args } = await this.parse(LocalKill);
    await this.withDaemon(async (client) => {
      const cloud = client.cloud();
      const instance = await cloud.findInstance({ id: args.instance });
      if (!instance)
        throw new KopsError(`there is no instance ${args.instance}`, {
          code: 'INSTANCE_NOT_FOUND',
          exit: 'notFound',
          object: args.instance,
          suggestions: ['kops-ts local status shows them all.'],
        });
      await cloud.terminate(instance.cluster, instance.id, { hard: true });
      this.print(`${instance.id} of ${instance.cluster} has no power\n`);
    });
  }
}
