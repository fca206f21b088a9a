import type { Process, Program } from '../container/process.ts';
import type { Input } from '../container/streams.ts';
import { escapeRegExp } from '../shell/pattern.ts';
import { regularExpression } from './regular-expression.ts';
import { eachInput, type Options, parseOptions, UsageError, utility } from './support.ts';

const longNames: Record<string, string> = { quiet: 'q', count: 'c', 'ignore-case': 'i', 'extended-regexp': 'E', 'invert-match': 'v', 'line-number': 'n', 'only-matching': 'o' };

/** grep, egrep, fgrep: 0 when a line matches, 1 when none does, 2 on errors. */
export function grep(name: 'grep' | 'egrep' | 'fgrep'): Program {
  return utility(name, async (process, args) => {
    const options = parseOptions(args, 'ivncqoEFwxlLhHse:m:A:B:C:rP', ['color', 'color:', 'line-buffered', ...Object.keys(longNames)]);
    for (const flag of [...options.flags]) if (longNames[flag]) options.flags.add(longNames[flag]);
    const pattern = options.values.get('e') ?? options.operands.shift();
    if (pattern === undefined) throw new UsageError('pattern required', 2);
    if (name !== 'grep') options.flags.add(name === 'egrep' ? 'E' : 'F');
    const search = new Search(process, options, expressionOf(pattern, options.flags));
    const code = await eachInput(process, 'grep', options.operands, (input, path) => search.file(input, path));
    if (code !== 0 && !(options.flags.has('q') && search.total > 0)) return 2;
    return search.total > 0 ? 0 : 1;
  });
}

function expressionOf(pattern: string, flags: ReadonlySet<string>): RegExp {
  const extended = flags.has('E') || flags.has('P');
  const one = (text: string) => (flags.has('F') ? escapeRegExp(text) : regularExpression(text, { extended }).source);
  const any = pattern.split('\n').map(one).join('|');
  const bounded = flags.has('x') ? `^(?:${any})$` : flags.has('w') ? `\\b(?:${any})\\b` : any;
  return new RegExp(bounded, flags.has('i') ? 'gi' : 'g');
}

class Search {
  total = 0;
  private readonly process: Process;
  private readonly flags: ReadonlySet<string>;
  private readonly expression: RegExp;
  private readonly named: boolean;
  private readonly limit: number;
  private readonly before: number;
  private readonly after: number;

  constructor(process: Process, { flags, values, operands }: Options, expression: RegExp) {
    this.process = process;
    this.flags = flags;
    this.expression = expression;
    this.named = (operands.length > 1 || flags.has('H')) && !flags.has('h');
    this.limit = Number(values.get('m') ?? Number.POSITIVE_INFINITY);
    this.before = Number(values.get('B') ?? values.get('C') ?? 0);
    this.after = Number(values.get('A') ?? values.get('C') ?? 0);
  }

  async file(input: Input, path: string): Promise<void> {
    const { flags } = this;
    const silent = ['q', 'l', 'L', 'c'].some((flag) => flags.has(flag));
    let count = 0;
    let number = 0;
    let trailing = 0;
    const earlier: string[] = [];
    for await (const line of input.lines()) {
      number++;
      const found = line.match(this.expression);
      if ((found !== null) === flags.has('v')) {
        if (trailing-- > 0 && !silent) await this.show(path, number, '-', line);
        else earlier.push(line);
        if (earlier.length > this.before) earlier.shift();
        continue;
      }
      count++;
      trailing = this.after;
      if (flags.has('q') || flags.has('l')) break;
      if (!silent) await this.match(path, number, line, found, earlier.splice(0));
      if (count >= this.limit) break;
    }
    this.total += count;
    await this.summary(path, count);
  }

  private async match(path: string, number: number, line: string, found: readonly string[] | null, earlier: readonly string[]): Promise<void> {
    for (const [index, text] of earlier.entries()) await this.show(path, number - earlier.length + index, '-', text);
    for (const text of this.flags.has('o') && found ? found : [line]) await this.show(path, number, ':', text);
  }

  private show(path: string, number: number, mark: string, text: string): Promise<void> {
    return this.process.print(`${this.named ? `${path}${mark}` : ''}${this.flags.has('n') ? `${number}${mark}` : ''}${text}\n`);
  }

  private async summary(path: string, count: number): Promise<void> {
    const { flags } = this;
    if (flags.has('q')) return;
    if ((flags.has('l') && count > 0) || (flags.has('L') && count === 0)) await this.process.print(`${path === '-' ? '(standard input)' : path}\n`);
    else if (flags.has('c')) await this.process.print(`${this.named ? `${path}:` : ''}${count}\n`);
  }
}
