import { type Clock, timestamp } from '../lib/clock.ts';
import type { OperationEvent } from '../operations/operator.ts';
import type { ApplyEvent } from '../plan/events.ts';

export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** Shows what an operation does: a line per change in a pipe, live lines on a terminal, JSON lines for programs. */
export interface Progress {
  event(event: OperationEvent): void;
  /** Leaves the terminal as it should stay. */
  stop(): void;
}

export function createProgress(output: ProgressOutput, clock: Clock, options: { plain: boolean; json?: boolean }): Progress {
  if (options.json) return warnOnce(new JsonProgress(output, clock));
  return warnOnce(options.plain || output.isTTY !== true ? new PlainProgress(output) : new LiveProgress(output, clock));
}

/** What two steps of one command find odd is said once. */
function warnOnce(progress: Progress): Progress {
  const said = new Set<string>();
  return {
    event: (event) => {
      if (event.type === 'warning' && said.has(event.message)) return;
      if (event.type === 'warning') said.add(event.message);
      progress.event(event);
    },
    stop: () => progress.stop(),
  };
}

const verbs: Record<string, [string, string]> = {
  create: ['creating', 'created'],
  update: ['changing', 'changed'],
  replace: ['replacing', 'replaced'],
  roll: ['changing', 'changed'],
  delete: ['deleting', 'deleted'],
};

/** A line that stays for each thing that happened; undefined for what only matters while it lasts. */
function lastingLine(event: OperationEvent): string | undefined {
  if (event.type === 'step') return event.message;
  if (event.type === 'warning') return `Warning: ${event.message}`;
  const { event: change } = event;
  const name = `${change.kind}/${change.name}`;
  switch (change.type) {
    case 'succeeded':
      return `${name} ${verbs[change.action]?.[1]} (${seconds(change.durationMs)}, ${change.done}/${change.total})`;
    case 'tolerated':
      return `Warning: ${name} is left to others: ${change.message}`;
    case 'failed':
      return `${name} failed: ${change.message}`;
    case 'retrying':
      return `${name} ${change.message}; next try in ${seconds(change.afterMs)}`;
    default:
      return undefined;
  }
}

class PlainProgress implements Progress {
  private readonly output: ProgressOutput;

  constructor(output: ProgressOutput) {
    this.output = output;
  }

  event(event: OperationEvent): void {
    const line = lastingLine(event);
    if (line !== undefined) this.output.write(`${line}\n`);
  }

  stop(): void {}
}

/** One object a line: `apiVersion`, `time` (RFC 3339) and `event`, then what that event has. */
class JsonProgress implements Progress {
  private readonly output: ProgressOutput;
  private readonly clock: Clock;

  constructor(output: ProgressOutput, clock: Clock) {
    this.output = output;
    this.clock = clock;
  }

  event(event: OperationEvent): void {
    const { type, ...rest } = event.type === 'apply' ? event.event : event;
    this.output.write(`${JSON.stringify({ apiVersion: 'kops-ts/progress/v1', time: timestamp(this.clock), event: type, ...rest })}\n`);
  }

  stop(): void {}
}

const frameMs = 100;
const mostLines = 8;

class LiveProgress implements Progress {
  private readonly output: ProgressOutput;
  private readonly clock: Clock;
  private readonly running = new Map<string, { text: string; since: number }>();
  private counter = '';
  private drawn = 0;
  private timer: { cancel(): void } | undefined;

  constructor(output: ProgressOutput, clock: Clock) {
    this.output = output;
    this.clock = clock;
  }

  event(event: OperationEvent): void {
    if (event.type === 'apply') this.track(event.event);
    const line = lastingLine(event);
    if (line !== undefined) {
      this.erase();
      this.output.write(`${line}\n`);
    }
    this.redrawSoon();
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.running.clear();
    this.erase();
  }

  private track(event: ApplyEvent): void {
    const name = `${event.kind}/${event.name}`;
    if (event.type === 'started') this.running.set(name, { text: `${name} ${verbs[event.action]?.[0]}`, since: this.clock.now() });
    else if (event.type === 'progress') this.running.set(name, { text: `${name} ${event.message}`, since: this.running.get(name)?.since ?? this.clock.now() });
    else if (event.type !== 'retrying') this.running.delete(name);
    if ('total' in event) this.counter = `${event.done} of ${event.total} done`;
  }

  private redrawSoon(): void {
    if (this.timer || this.running.size === 0) return;
    this.timer = this.clock.setTimer(
      frameMs,
      () => {
        this.timer = undefined;
        this.draw();
        this.redrawSoon();
      },
      { background: true },
    );
  }

  private draw(): void {
    this.erase();
    if (this.running.size === 0) return;
    const width = (this.output.columns || 80) - 1;
    const shown = [...this.running.values()].slice(0, mostLines);
    const lines = shown.map((task) => `  ${task.text} ${seconds(this.clock.now() - task.since)}`);
    const hidden = this.running.size - shown.length;
    lines.push(hidden > 0 ? `  and ${hidden} more; ${this.counter}` : `  ${this.counter}`);
    this.output.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''));
    this.drawn = lines.length;
  }

  private erase(): void {
    if (this.drawn > 0) this.output.write(`\u001b[${this.drawn}A\u001b[0J`);
    this.drawn = 0;
  }
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)}s` : `${Math.round(ms / 1000)}s`;
}
