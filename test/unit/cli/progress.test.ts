import { expect, it } from 'vitest';
import { createProgress } from '../../../src/cli/progress.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';

it('says a warning once, however many steps of a command find it', () => {
  const lines: string[] = [];
  const progress = createProgress({ write: (text) => lines.push(text) }, new VirtualClock(), { plain: true });
  for (const message of ['odd block', 'odd block', 'old flag']) progress.event({ type: 'warning', message });
  progress.event({ type: 'step', message: 'waiting' });
  progress.event({ type: 'step', message: 'waiting' });
  expect(lines).toEqual(['Warning: odd block\n', 'Warning: old flag\n', 'waiting\n', 'waiting\n']);
});
