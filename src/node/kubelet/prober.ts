import type { Container, Probe } from '../../kube/objects.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { execCommand } from './exec-command.ts';
import { type Dialer, httpStatus, ProbeTimeout, tcpConnect, withTimeout } from './probe-dial.ts';

export interface ProbeVerdict {
  success: boolean;
  message: string;
}

export interface ProbeTarget {
  ip: string;
  container: Container;
  containerId: string;
}

/** Runs a probe once. Never throws: what goes wrong is a failure with Kubernetes' words. */
export async function runProbe(probe: Probe, target: ProbeTarget, dialer: Dialer, runtime: Runtime): Promise<ProbeVerdict> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  try {
    if (probe.httpGet) {
      const status = await httpStatus(dialer, target.ip, target.container, probe.httpGet, timeoutMs);
      return status >= 200 && status < 400 ? { success: true, message: '' } : { success: false, message: `HTTP probe failed with statuscode: ${status}` };
    }
    if (probe.tcpSocket) {
      await tcpConnect(dialer, target.ip, target.container, probe.tcpSocket, timeoutMs);
      return { success: true, message: '' };
    }
    return await runExec(probe.exec?.command ?? [], timeoutMs, target, dialer, runtime);
  } catch (error) {
    return { success: false, message: messageOf(error) };
  }
}

async function runExec(command: string[], timeoutMs: number, target: ProbeTarget, dialer: Dialer, runtime: Runtime): Promise<ProbeVerdict> {
  const abort = new AbortController();
  try {
    const { exitCode, output } = await withTimeout(dialer.clock, timeoutMs, (onAbort) => {
      onAbort(() => abort.abort());
      return execCommand(runtime, target.containerId, command, abort.signal);
    });
    return { success: exitCode === 0, message: output };
  } catch (error) {
    if (!(error instanceof ProbeTimeout)) throw error;
    return { success: false, message: `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s` };
  }
}
