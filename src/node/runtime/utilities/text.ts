import { maxContainerBytes } from '../container/file-system.ts';
import type { Process, Program } from '../container/process.ts';
import type { Input } from '../container/streams.ts';
import { awk } from './awk.ts';
import { grep } from './grep.ts';
import { sed } from './sed.ts';
import { absolute, eachInput, parseOptions, UsageError, utility } from './support.ts';

/** `-5` is `-n 5`. */
function withCount(args: readonly string[]): string[] {
  return args.flatMap((arg) => (/^-\d+$/.test(arg) ? ['-n', arg.slice(1)] : [arg]));
}

const head = utility('head', async (process, args) => {
  const { operands, values } = parseOptions(withCount(args), 'n:c:q');
  const bytes = values.get('c');
  const lines = Number(values.get('n') ?? 10);
  return eachInput(process, 'head', operands, async (input) => {
    if (bytes !== undefined) await firstBytes(process, input, Number(bytes));
    else if (lines < 0) await process.print(joined((await allLines(process, input)).slice(0, lines)));
    else await firstLines(process, input, lines);
  });
});

async function firstLines(process: Process, input: Input, count: number): Promise<void> {
  for (let left = count; left > 0; left--) {
    const line = await process.until(input.readLine());
    if (line === undefined) return;
    await process.print(line);
  }
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

async function firstBytes(process: Process, input: Input, count: number): Promise<void> {
  for (let left = count; left > 0; ) {
    const chunk = await process.until(input.read());
    if (!chunk) return;
    await process.stdout.write(chunk.subarray(0, left));
    left -= chunk.length;
  }
}

async function allLines(process: Process, input: Input): Promise<string[]> {
  const text = (await process.until(input.readAll())).toString();
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const tail = utility('tail', async (process, args) => {
  const { operands, values, flags } = parseOptions(withCount(args), 'n:c:fFq');
  const code = await eachInput(process, 'tail', operands, async (input) => {
    const bytes = values.get('c');
    const all = await process.until(input.readAll(2 * maxContainerBytes));
    if (bytes !== undefined)
      return void (await process.stdout.write(all.subarray(bytes.startsWith('+') ? Math.max(0, Number(bytes) - 1) : Math.max(0, all.length - Number(bytes)))));
    const lines = all.toString().split(/(?<=\n)/);
    const count = values.get('n') ?? '10';
    const from = count.startsWith('+') ? Number(count) - 1 : Math.max(0, lines.length - Math.abs(Number(count)));
    await process.print(lines.slice(from).join(''));
  });
  if (flags.has('f') || flags.has('F')) await follow(process, operands);
  return code;
});

/** A file of a container has no change events: it is looked at once a second. */
async function follow(process: Process, operands: readonly string[]): Promise<void> {
  const sizes = new Map(operands.map((path) => [path, process.machine.files.stat(absolute(process, path))?.size ?? 0]));
  for (;;) {
    await process.sleep(1000);
    for (const path of operands) {
      const size = process.machine.files.stat(absolute(process, path))?.size ?? 0;
      const before = sizes.get(path) ?? 0;
      if (size > before) await process.stdout.write(process.machine.files.read(absolute(process, path)).subarray(before));
      sizes.set(path, size);
    }
  }
}

const wc = utility('wc', async (process, args) => {
  const { operands, flags } = parseOptions(args, 'lwcm');
  const which = ['l', 'w', 'c'].filter((flag) => flags.size === 0 || flags.has(flag) || (flag === 'c' && flags.has('m')));
  return eachInput(process, 'wc', operands, async (input, name) => {
    const bytes = await process.until(input.readAll());
    const text = bytes.toString();
    const counts: Record<string, number> = { l: text.split('\n').length - 1, w: text.split(/\s+/).filter((word) => word !== '').length, c: bytes.length };
    const columns = which.map((flag) => String(counts[flag]));
    const alone = which.length === 1 ? columns.join('') : columns.map((column) => column.padStart(9)).join(' ');
    await process.print(`${alone}${name === '-' ? '' : ` ${name}`}\n`);
  });
});

const sort = utility('sort', async (process, args) => {
  const { operands, flags, values } = parseOptions(args, 'rnuk:t:fbVh');
  const lines: string[] = [];
  const code = await eachInput(process, 'sort', operands, async (input) => void lines.push(...(await allLines(process, input))));
  const field = Number.parseInt(values.get('k') ?? '0', 10);
  const separator = values.get('t') ?? /\s+/;
  const key = (line: string) => (field > 0 ? (line.trimStart().split(separator)[field - 1] ?? '') : line);
  const numeric = flags.has('n') || flags.has('h') || /n/.test(values.get('k') ?? '');
  const fold = (text: string) => (flags.has('f') ? text.toUpperCase() : text);
  const compare = (a: string, b: string) => (numeric ? (Number.parseFloat(key(a)) || 0) - (Number.parseFloat(key(b)) || 0) : 0) || order(fold(key(a)), fold(key(b))) || order(a, b);
  const sorted = lines.sort(compare);
  if (flags.has('r') || /r/.test(values.get('k') ?? '')) sorted.reverse();
  const result = flags.has('u') ? sorted.filter((line, index) => index === 0 || line !== sorted[index - 1]) : sorted;
  await process.print(result.map((line) => `${line}\n`).join(''));
  return code;
});

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const uniq = utility('uniq', async (process, args) => {
  const { operands, flags } = parseOptions(args, 'cdui');
  return eachInput(process, 'uniq', operands, async (input) => {
    let group: { line: string; count: number } | undefined;
    const flush = async () => {
      if (!group || (flags.has('d') && group.count < 2) || (flags.has('u') && group.count > 1)) return;
      await process.print(`${flags.has('c') ? `${String(group.count).padStart(7)} ` : ''}${group.line}\n`);
    };
    for await (const line of input.lines()) {
      if (group?.line === line) group.count++;
      else {
        await flush();
        group = { line, count: 1 };
      }
    }
    await flush();
  });
});

const cut = utility('cut', async (process, args) => {
  const { operands, values, flags } = parseOptions(args, 'd:f:c:b:s');
  const list = values.get('f') ?? values.get('c') ?? values.get('b');
  if (list === undefined) throw new UsageError('expected a list of bytes, characters, or fields');
  const chosen = (index: number) => list.split(',').some((range) => inRange(range, index));
  const delimiter = values.get('d') ?? '\t';
  return eachInput(process, 'cut', operands, async (input) => {
    for await (const line of input.lines()) {
      const byField = values.has('f');
      const parts = byField ? line.split(delimiter) : [...line];
      if (byField && parts.length === 1) {
        if (!flags.has('s')) await process.print(`${line}\n`);
      } else await process.print(`${parts.filter((_part, index) => chosen(index + 1)).join(byField ? delimiter : '')}\n`);
    }
  });
});

function inRange(range: string, index: number): boolean {
  const [from = '', to] = range.split('-');
  if (to === undefined) return Number(from) === index;
  return index >= Number(from || 1) && (to === '' || index <= Number(to));
}

const tr = utility('tr', async (process, args) => {
  const { operands, flags } = parseOptions(args, 'dscC');
  const [first = '', second = ''] = operands.map(characters);
  const complement = flags.has('c') || flags.has('C');
  const within = (char: string) => first.includes(char) !== complement;
  const remove = flags.has('d');
  const target = (char: string) => second[Math.min(complement ? second.length - 1 : first.indexOf(char), second.length - 1)] ?? char;
  const mapped = (char: string) => (remove || !within(char) ? char : target(char));
  const squeezes = (char: string) => flags.has('s') && (second === '' ? within(char) : second.includes(char));
  let output = '';
  for (const char of (await process.until(process.stdin.readAll())).toString()) {
    const next = mapped(char);
    if ((remove && within(char)) || (squeezes(next) && output.endsWith(next))) continue;
    output += next;
  }
  await process.print(output);
  return 0;
});

const classes: Record<string, string> = {
  digit: '0-9',
  alpha: 'A-Za-z',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \t\n\r\f\v',
  punct: '!-/:-@[-`{-~',
  xdigit: '0-9A-Fa-f',
  blank: ' \t',
};

function characters(set: string): string {
  const plain = set
    .replaceAll(/\[:(\w+):\]/g, (_whole, name: string) => classes[name] ?? '')
    .replaceAll(/\\([ntr\\])/g, (_whole, letter: string) => ({ n: '\n', t: '\t', r: '\r' })[letter] ?? '\\');
  return plain.replaceAll(/(.)-(.)/gs, (_whole, from: string, to: string) => {
    const [start, end] = [from.charCodeAt(0), to.charCodeAt(0)];
    return end < start ? '' : String.fromCharCode(...Array.from({ length: end - start + 1 }, (_, index) => start + index));
  });
}

const seq = utility('seq', async (process, args) => {
  const { operands, values } = parseOptions(
    args.map((arg) => (/^-\d/.test(arg) ? `\0${arg}` : arg)),
    's:w',
  );
  const numbers = operands.map((operand) => Number(operand.replace('\0', '')));
  if (numbers.length === 0 || numbers.some(Number.isNaN)) throw new UsageError('invalid number');
  const [first = 1, step = 1, last = 1] = numbers.length === 1 ? [1, 1, numbers[0]] : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : numbers;
  if (step === 0) throw new UsageError('invalid increment 0');
  const separator = values.get('s') ?? '\n';
  const parts: string[] = [];
  for (let value = first; step > 0 ? value <= last : value >= last; value += step) {
    parts.push(String(value));
    if (parts.length % 5000 === 0) await process.sleep(1);
    if (parts.length >= 1_000_000) break;
  }
  await process.print(parts.length === 0 ? '' : `${parts.join(separator)}\n`);
  return 0;
});

const byLine = (name: string, change: (lines: string[]) => string[]): Program =>
  utility(name, async (process, args) =>
    eachInput(process, name, args, async (input) =>
      process.print(
        change(await allLines(process, input))
          .map((line) => `${line}\n`)
          .join(''),
      ),
    ),
  );

const base64 = utility('base64', async (process, args) => {
  const { operands, flags, values } = parseOptions(args, 'dDw:', ['decode', 'wrap:']);
  return eachInput(process, 'base64', operands, async (input) => {
    const bytes = await process.until(input.readAll());
    if (flags.has('d') || flags.has('D') || flags.has('decode')) return void (await process.stdout.write(Buffer.from(bytes.toString(), 'base64')));
    const width = Number(values.get('w') ?? values.get('wrap') ?? 76);
    const text = bytes.toString('base64');
    await process.print(width > 0 ? text.replaceAll(new RegExp(`.{1,${width}}`, 'g'), '$&\n') : text);
  });
});

const checksum = (name: string, algorithm: string): Program =>
  utility(name, async (process, args) => {
    const { createHash } = await import('node:crypto');
    return eachInput(process, name, args, async (input, path) =>
      process.print(
        `${createHash(algorithm)
          .update(await process.until(input.readAll()))
          .digest('hex')}  ${path}\n`,
      ),
    );
  });

export const textTools: Readonly<Record<string, Program>> = {
  head,
  tail,
  wc,
  sort,
  uniq,
  cut,
  tr,
  seq,
  awk,
  grep: grep('grep'),
  egrep: grep('egrep'),
  fgrep: grep('fgrep'),
  sed,
  tac: byLine('tac', (lines) => lines.reverse()),
  rev: byLine('rev', (lines) => lines.map((line) => [...line].reverse().join(''))),
  base64,
  md5sum: checksum('md5sum', 'md5'),
  sha1sum: checksum('sha1sum', 'sha1'),
  sha256sum: checksum('sha256sum', 'sha256'),
};
