import { parseDurationMs } from '../../lib/text.ts';
import type { Findings } from '../findings.ts';

type Fields = Record<string, unknown>;

const longestBackoffMs = 300_000;

/** Flags the kubelet has no more. */
const removed = ['apiServers', 'enableCustomMetrics', 'experimentalAllowedUnsafeSysctls', 'networkPluginName'];

const choices: Readonly<Record<string, readonly string[]>> = {
  logFormat: ['text', 'json'],
  memorySwapBehavior: ['NoSwap', 'LimitedSwap'],
  topologyManagerPolicy: ['none', 'best-effort', 'restricted', 'single-numa-node'],
};

/** One of `spec.kubelet` and `spec.masterKubelet`. `inherited`: what was checked elsewhere already. */
export function checkKubelet(value: unknown, path: string, findings: Findings, inherited: Fields = {}): void {
  const kubelet = (value ?? {}) as Fields;
  const own = Object.fromEntries(Object.entries(kubelet).filter(([name, field]) => inherited[name] !== field));
  if (own.bootstrapKubeconfig !== undefined) findings.error(`${path}.bootstrapKubeconfig`, 'was removed: nodes join by proving who they are', 'leave it out');
  for (const name of removed) if (own[name] !== undefined) findings.error(`${path}.${name}`, 'is a flag that the kubelet has no more', 'leave it out');
  for (const [name, words] of Object.entries(choices))
    if (own[name] !== undefined && own[name] !== '' && !words.includes(String(own[name])))
      findings.error(`${path}.${name}`, `must be one of ${words.join(', ')}, not ${JSON.stringify(own[name])}`);
  checkPeriods(kubelet, own, path, findings);
}

function checkPeriods(kubelet: Fields, own: Fields, path: string, findings: Findings): void {
  const period = (name: string) => durationMs(kubelet[name], own[name] === undefined ? undefined : `${path}.${name}`, findings);
  const whole = period('shutdownGracePeriod');
  const critical = period('shutdownGracePeriodCriticalPods');
  const changed = own.shutdownGracePeriod !== undefined || own.shutdownGracePeriodCriticalPods !== undefined;
  if (changed && critical !== undefined && critical > (whole ?? 0)) findings.error(`${path}.shutdownGracePeriodCriticalPods`, 'cannot be longer than shutdownGracePeriod');
  const backoff = durationMs(own.crashLoopBackOffMaxContainerRestartPeriod, `${path}.crashLoopBackOffMaxContainerRestartPeriod`, findings);
  if (backoff !== undefined && (backoff < 1000 || backoff > longestBackoffMs)) findings.error(`${path}.crashLoopBackOffMaxContainerRestartPeriod`, 'must be between 1s and 300s');
}

/** `path`: where to complain; undefined where somebody else does. */
function durationMs(value: unknown, path: string | undefined, findings: Findings): number | undefined {
  if (typeof value !== 'string') return undefined;
  const ms = parseDurationMs(value);
  if (ms === undefined && path !== undefined) findings.error(path, `${JSON.stringify(value)} is not a duration`, 'for example 30s');
  return ms;
}
