import { BaseCommand } from '../../src/cli/base-command.ts';
import { homeFolder } from '../../src/cli/home.ts';
import { createProcessEnvironment } from '../../src/cli/process-environment.ts';
import type { Environment } from '../../src/lib/environment.ts';
import type { DaemonClient } from './daemon/client.ts';

/** Commands about the local cloud itself, whatever runs on it. */
export abstract class LocalCommand extends BaseCommand {
  protected variables: Environment['variables'] = {};

  protected async withDaemon<T>(use: (client: DaemonClient) => Promise<T>): Promise<T> {
    const environment = createProcessEnvironment(`kops-ts ${(this.id ?? '').replaceAll(':', ' ')}`);
    this.variables = environment.variables;
    const [{ DaemonClient }, { daemonPaths }] = await Promise.all([import('./daemon/client.ts'), import('./daemon/paths.ts')]);
    const client = new DaemonClient(environment, daemonPaths(homeFolder(environment.variables)));
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }
}
