import type { Container, Probe } from '../../kube/objects.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { ProbeVerdict } from './prober.ts';

export type ProbeKind = 'Startup' | 'Readiness' | 'Liveness';

export interface ProbeCallbacks {
  run(probe: Probe): Promise<ProbeVerdict>;
  /** One attempt failed: an event. */
  failed(kind: ProbeKind, message: string): void;
  started(): void;
  ready(ready: boolean): void;
  /** Liveness or startup has failed for good: the container has to be stopped. */
  unhealthy(kind: ProbeKind, probe: Probe): void;
}

// A program needs a moment before it listens; without it the first probe of every pod would fail and the next come a period later.
const firstProbeAfterMs = 100;

/** The probes of one running container. The startup probe holds the others back. */
export class ContainerProbes {
  private readonly clock: Clock;
  private readonly callbacks: ProbeCallbacks;
  private readonly timers = new Map<ProbeKind, Timer>();
  private stopped = false;

  constructor(container: Container, clock: Clock, callbacks: ProbeCallbacks) {
    this.clock = clock;
    this.callbacks = callbacks;
    const others = () => {
      callbacks.started();
      if (container.readinessProbe) this.cycle('Readiness', container.readinessProbe, callbacks.ready);
      const liveness = container.livenessProbe;
      if (liveness) this.cycle('Liveness', liveness, (ok) => ok || this.unhealthy('Liveness', liveness));
    };
    const startup = container.startupProbe;
    if (startup) {
      this.cycle('Startup', startup, (ok) => {
        this.cancel('Startup');
        if (ok) others();
        else this.unhealthy('Startup', startup);
      });
    } else others();
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
  }

  private unhealthy(kind: ProbeKind, probe: Probe): void {
    this.stop();
    this.callbacks.unhealthy(kind, probe);
  }

  private cancel(kind: ProbeKind): void {
    this.timers.get(kind)?.cancel();
    this.timers.delete(kind);
  }

  /** Calls `verdict` whenever the result changes, after as many equal answers as the probe's thresholds ask for. */
  private cycle(kind: ProbeKind, probe: Probe, verdict: (ok: boolean) => void): void {
    let result: boolean | undefined;
    let last: boolean | undefined;
    let run = 0;
    const attempt = async () => {
      const { success, message } = await this.callbacks.run(probe);
      if (this.stopped) return;
      if (!success) this.callbacks.failed(kind, message);
      run = success === last ? run + 1 : 1;
      last = success;
      arm((probe.periodSeconds ?? 10) * 1000);
      const threshold = success ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
      if (run < threshold || result === success) return;
      result = success;
      verdict(success);
    };
    const arm = (delayMs: number) =>
      this.timers.set(
        kind,
        this.clock.setTimer(delayMs, () => void attempt(), { background: true }),
      );
    arm(Math.max((probe.initialDelaySeconds ?? 0) * 1000, firstProbeAfterMs));
  }
}
