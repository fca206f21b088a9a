import { parseUserData } from '../../bootstrap/user-data.ts';
import type { ProviderModule } from '../../cloud/provider.ts';
import type { Environment } from '../../lib/environment.ts';
import { KopsError } from '../../lib/errors.ts';
import type { RunCommand } from '../../lib/run-command.ts';
import type { StartProgram } from '../../lib/start-program.ts';
import { runMachine } from './run-machine.ts';

export interface NodeupOptions {
  environment: Environment;
  /** Text of the boot config. */
  bootConfig: string;
  loadProvider(name: string): Promise<ProviderModule>;
  run: RunCommand;
  start: StartProgram;
  /** Goes before absolute paths of the machine: '' on a real one. */
  root: string;
}

/** Boots this machine and keeps its node running until the environment's signal; then says goodbye. Whoever starts it starts it again when it throws. */
export async function nodeup(options: NodeupOptions): Promise<void> {
  const { environment, bootConfig, root } = options;
  const { provider: name, clusterName, configBase = '' } = parseUserData(bootConfig);
  const module = await options.loadProvider(name);
  // A node that says goodbye still calls the API: what it does ends after that, not with the signal.
  const work = new AbortController();
  const own = { ...environment, signal: work.signal };
  const told = stopped(environment.signal);
  const instance = await module.openInstance?.({ ...own, clusterName, configBase, root });
  if (!instance) throw new KopsError(`instances of the cloud ${name} are no machines of their own`, { code: 'NO_MACHINE', exit: 'usage', object: name });
  try {
    const node = await Promise.race([runMachine({ ...options, environment: own, instance }), told]);
    if (node === undefined) return;
    await told;
    await node.stop({ graceful: true });
  } finally {
    work.abort(environment.signal.reason);
    await instance.close();
  }
}

/** Resolves when the signal aborts. */
function stopped(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
