import { resolvePath } from '../container/file-system.ts';
import type { Process } from '../container/process.ts';
import { modeText } from './support.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Names in a folder as `ls` prints them: one a line, long, or in a row on a terminal. */
export function formatListing(process: Process, names: readonly string[], folder: string, flags: ReadonlySet<string>): string {
  if (names.length === 0) return '';
  const sorted = flags.has('r') ? [...names].reverse() : names;
  const { files } = process.machine;
  const shown = sorted.map((name) => {
    const path = resolvePath(folder === '' ? process.cwd : folder, name);
    return { name, stat: files.stat(path), mode: files.mode(path) };
  });
  if (flags.has('l')) {
    const time = dateOf(process.machine.clock.now());
    const rows = shown.map(
      ({ name, stat, mode }) => `${stat?.type === 'dir' ? 'd' : '-'}${modeText(mode)}    1 root     root     ${String(stat?.size ?? 0).padStart(9)} ${time} ${name}\n`,
    );
    return `${folder === '' ? '' : 'total 0\n'}${rows.join('')}`;
  }
  const labels = shown.map(({ name, stat }) => `${name}${(flags.has('F') || flags.has('p')) && stat?.type === 'dir' ? '/' : ''}`);
  return process.terminal && !flags.has('1') ? `${labels.join('  ')}\n` : `${labels.join('\n')}\n`;
}

function dateOf(epochMs: number): string {
  const date = new Date(epochMs);
  return `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 16)}`;
}
