import type { LifecycleHandler } from '../../kube/objects.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { execCommand } from './exec-command.ts';
import { type Dialer, httpStatus } from './probe-dial.ts';
import type { ProbeTarget } from './prober.ts';

const httpTimeoutMs = 30_000;

/** Runs a postStart or preStop handler to its end; throws with the message Kubernetes shows. `signal` ends a hook whose grace period is over. */
export async function runHook(handler: LifecycleHandler, target: ProbeTarget, dialer: Dialer, runtime: Runtime, signal: AbortSignal): Promise<void> {
  if (handler.sleep) return dialer.clock.sleep(handler.sleep.seconds * 1000, signal);
  if (handler.httpGet) {
    const status = await httpStatus(dialer, target.ip, target.container, handler.httpGet, httpTimeoutMs);
    if (status >= 400) throw new Error(`HTTP lifecycle hook (${handler.httpGet.path ?? '/'}) failed with statuscode: ${status}`);
    return;
  }
  const command = handler.exec?.command;
  if (!command) return;
  const { exitCode, output } = await execCommand(runtime, target.containerId, command, signal);
  if (exitCode !== 0) throw new Error(`command '${command.join(' ')}' exited with ${exitCode}: ${output}`);
}
