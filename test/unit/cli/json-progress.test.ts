import { describe, expect, it } from 'vitest';
import { createProgress } from '../../../src/cli/progress.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { OperationEvent } from '../../../src/operations/operator.ts';

const events: OperationEvent[] = [
  { type: 'step', message: 'two\nlines' },
  { type: 'apply', event: { type: 'started', action: 'create', kind: 'Network', name: 'n', done: 0, total: 1 } },
  { type: 'apply', event: { type: 'tolerated', action: 'create', kind: 'Network', name: 'n', message: 'not allowed', done: 1, total: 1 } },
  { type: 'warning', message: 'odd' },
];

function written(options: { plain: boolean; json?: boolean }): string {
  let text = '';
  const progress = createProgress({ write: (part) => (text += part), isTTY: true }, new VirtualClock(), options);
  for (const event of events) progress.event(event);
  progress.stop();
  return text;
}

describe('progress', () => {
  it('for programs is an object a line, on a terminal too', () => {
    const always = { apiVersion: 'kops-ts/progress/v1', time: '2026-01-01T00:00:00Z' };
    const lines = written({ plain: false, json: true }).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...always, event: 'step', message: 'two\nlines' },
      { ...always, event: 'started', action: 'create', kind: 'Network', name: 'n', done: 0, total: 1 },
      { ...always, event: 'tolerated', action: 'create', kind: 'Network', name: 'n', message: 'not allowed', done: 1, total: 1 },
      { ...always, event: 'warning', message: 'odd' },
    ]);
  });

  it('in a pipe is a line for what stays true', () => {
    expect(written({ plain: true })).toBe('two\nlines\nWarning: Network/n is left to others: not allowed\nWarning: odd\n');
  });
});
