import { ArithmeticProblem, evaluate } from './arithmetic.ts';
import { glob, literal, matchesPattern, patternSource } from './pattern.ts';
import type { Shell } from './shell.ts';
import type { Part, Word } from './syntax.ts';

/** An error that ends the command (and a script): unset parameter, bad arithmetic. */
export class ExpansionProblem extends Error {}

interface Segment {
  text: string;
  quoted: boolean;
}

/** The words a command gets: expanded, split, file names matched. */
export async function expandWords(shell: Shell, words: readonly Word[]): Promise<string[]> {
  const result: string[] = [];
  for (const word of words.flatMap(braces)) {
    const fields = new Fields(shell.get('IFS') ?? ' \t\n');
    for (const [index, part] of word.entries()) await addPart(shell, fields, part, index === 0);
    for (const field of fields.finish()) result.push(...fileNames(shell, field));
  }
  return result;
}

/** One text, neither split nor matched: assignments, redirections, here-documents. */
export async function expandText(shell: Shell, word: Word): Promise<string> {
  let text = '';
  for (const [index, part] of word.entries()) text += await partText(shell, part, index === 0);
  return text;
}

/** A pattern: what was quoted stands for itself. */
export async function expandPattern(shell: Shell, word: Word): Promise<string> {
  let pattern = '';
  for (const part of word) {
    const text = await partText(shell, part, false);
    pattern += part.quoted ? literal(text) : text;
  }
  return pattern;
}

/** Collects the fields a word splits into. */
class Fields {
  private readonly fields: Segment[][] = [];
  private current: Segment[] | undefined;
  private readonly separators: string;

  constructor(separators: string) {
    this.separators = separators;
  }

  add(text: string, quoted: boolean): void {
    this.current ??= [];
    this.current.push({ text, quoted });
  }

  split(text: string): void {
    const blank = [...this.separators].filter((char) => ' \t\n'.includes(char));
    let word = '';
    for (const [index, char] of [...text].entries()) {
      if (!this.separators.includes(char)) {
        word += char;
        continue;
      }
      if (word !== '') this.add(word, false);
      else if (!blank.includes(char) && !this.current) this.add('', false);
      word = '';
      if (index > 0 || this.current) this.next();
    }
    if (word !== '') this.add(word, false);
  }

  next(): void {
    if (this.current) this.fields.push(this.current);
    this.current = undefined;
  }

  finish(): Segment[][] {
    this.next();
    return this.fields;
  }
}

async function addPart(shell: Shell, fields: Fields, part: Part, first: boolean): Promise<void> {
  if (part.type === 'variable' && part.name === '@' && part.operator === undefined) {
    for (const [index, value] of shell.positional.entries()) {
      if (index > 0) fields.next();
      if (part.quoted) fields.add(value, true);
      else fields.split(value);
    }
    return;
  }
  const text = await partText(shell, part, first);
  if (part.quoted || part.type === 'text') fields.add(text, part.quoted);
  else fields.split(text);
}

async function partText(shell: Shell, part: Part, first: boolean): Promise<string> {
  switch (part.type) {
    case 'text':
      return first && !part.quoted && /^~(?=$|\/)/.test(part.text) ? `${shell.get('HOME') ?? '/root'}${part.text.slice(1)}` : part.text;
    case 'variable':
      return variable(shell, part);
    case 'command':
      return (await shell.substitute(part.source)).replace(/\n+$/, '');
    case 'arithmetic':
      return arithmetic(shell, await expandText(shell, part.expression));
  }
}

export function arithmetic(shell: Shell, expression: string): string {
  try {
    return String(evaluate(expression, { get: (name) => shell.get(name) ?? '', set: (name, value) => shell.set(name, value) }));
  } catch (error) {
    if (error instanceof ArithmeticProblem) throw new ExpansionProblem(error.message);
    throw error;
  }
}

async function variable(shell: Shell, part: Extract<Part, { type: 'variable' }>): Promise<string> {
  const value = shell.parameter(part.name);
  const { operator, argument = [] } = part;
  if (part.length) return String((value ?? '').length);
  if (operator === undefined) {
    if (value === undefined && shell.options.nounset && !'@*'.includes(part.name)) throw new ExpansionProblem(`${part.name}: parameter not set`);
    return value ?? '';
  }
  const kind = operator.replace(/^:(?=.)/, '');
  if (!'-+=?'.includes(kind) || kind === '') return transformed(shell, operator, value ?? '', argument);
  const missing = value === undefined || (operator.startsWith(':') && value === '');
  if (kind === '+') return missing ? '' : expandText(shell, argument);
  return missing ? instead(shell, part.name, kind, argument) : value;
}

/** What stands for a missing parameter; `=` also sets it and `?` fails. */
async function instead(shell: Shell, name: string, kind: string, argument: Word): Promise<string> {
  const text = await expandText(shell, argument);
  if (kind === '?') throw new ExpansionProblem(`${name}: ${text || 'parameter not set'}`);
  if (kind === '=') shell.set(name, text);
  return text;
}

async function transformed(shell: Shell, operator: string, value: string, argument: Word): Promise<string> {
  const lower = operator.startsWith(',');
  if (lower || operator.startsWith('^')) {
    const change = (text: string) => (lower ? text.toLowerCase() : text.toUpperCase());
    return operator.length === 2 ? change(value) : change(value.slice(0, 1)) + value.slice(1);
  }
  if (operator === ':') return substring(shell, value, await expandText(shell, argument));
  const pattern = await expandPattern(shell, argument);
  if (operator.startsWith('/')) return replaced(value, pattern, operator === '//');
  const lazy = operator.length === 1;
  if (operator.startsWith('#')) return value.replace(new RegExp(`^(?:${patternSource(pattern, { lazy })})`), '');
  return withoutSuffix(value, pattern, lazy);
}

function withoutSuffix(value: string, pattern: string, shortest: boolean): string {
  for (let i = 0; i <= value.length; i++) {
    const at = shortest ? value.length - i : i;
    if (matchesPattern(value.slice(at), pattern)) return value.slice(0, at);
  }
  return value;
}

function replaced(value: string, argument: string, all: boolean): string {
  const [pattern = '', ...rest] = argument.split(/(?<!\\)\//);
  const replacement = rest.join('/').replaceAll(/\\(.)/g, '$1');
  return value.replace(new RegExp(patternSource(pattern.replaceAll('\\/', '/')), all ? 'g' : ''), () => replacement);
}

function substring(shell: Shell, value: string, argument: string): string {
  const [from = '0', length] = argument.split(':');
  const start = Number(arithmetic(shell, from));
  const begin = start < 0 ? Math.max(0, value.length + start) : start;
  if (length === undefined) return value.slice(begin);
  const count = Number(arithmetic(shell, length));
  return count < 0 ? value.slice(begin, count) : value.slice(begin, begin + count);
}

function fileNames(shell: Shell, field: Segment[]): string[] {
  const text = field.map((segment) => segment.text).join('');
  if (!field.some((segment) => !segment.quoted && /[*?[]/.test(segment.text))) return [text];
  const pattern = field.map((segment) => (segment.quoted ? literal(segment.text) : segment.text)).join('');
  const names = glob(shell.process.machine.files, shell.process.cwd, pattern);
  return names.length > 0 ? names : [text];
}

/** `{a,b}` and `{1..3}` in a word of one unquoted text, as bash and busybox have them. */
function braces(word: Word): Word[] {
  const [part] = word;
  if (word.length !== 1 || part?.type !== 'text' || part.quoted) return [word];
  const texts = expandBraces(part.text);
  return texts.map((text) => [{ type: 'text', text, quoted: false }]);
}

function expandBraces(text: string): string[] {
  const match = /^(.*?)\{([^{}]*(?:,[^{}]*)+|-?\d+\.\.-?\d+)\}(.*)$/s.exec(text);
  if (!match) return [text];
  const [, before = '', inner = '', after = ''] = match;
  return choices(inner).flatMap((choice) => expandBraces(`${before}${choice}${after}`));
}

function choices(inner: string): string[] {
  const range = /^(-?\d+)\.\.(-?\d+)$/.exec(inner);
  if (!range) return inner.split(',');
  const [from, to] = [Number(range[1]), Number(range[2])];
  const count = Math.min(Math.abs(to - from), 9999) + 1;
  return Array.from({ length: count }, (_, index) => String(from + (to >= from ? index : -index)));
}
