import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Record<string, unknown>;

/** Structured log; where the lines go is the sink's business. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines all carry these fields. */
  with(fields: LogFields): Log;
}

export type LogSink = (line: string) => void;

const order: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** One JSON object a line: `{time, level, message, …fields}`. */
export function createLog(options: { clock: Clock; sink: LogSink; level?: LogLevel; fields?: LogFields }): Log {
  const { clock, sink, level = 'info', fields = {} } = options;
  const write = (at: LogLevel) => (message: string, more?: LogFields) => {
    if (order[at] < order[level]) return;
    sink(`${JSON.stringify({ time: new Date(clock.now()).toISOString(), level: at, message, ...fields, ...more }, plainErrors)}\n`);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (more) => createLog({ clock, sink, level, fields: { ...fields, ...more } }),
  };
}

function plainErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? (value.stack ?? value.message) : value;
}

export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => silentLog,
};
