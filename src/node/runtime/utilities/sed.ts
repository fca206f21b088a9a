import { regularExpression } from './regular-expression.ts';
import { absolute, eachInput, parseOptions, UsageError, utility } from './support.ts';

type Address = { line: number } | { last: true } | { pattern: RegExp };

interface Instruction {
  from?: Address;
  to?: Address;
  negate: boolean;
  active: boolean;
  command: string;
  pattern?: RegExp;
  replacement?: string;
  print?: boolean;
  text?: string;
}

/** sed with the commands s, p, d, q, =, a, i, c: what one-liners use. */
export const sed = utility('sed', async (process, args) => {
  const { operands, flags, values } = parseOptions(args, 'nEsrie:', ['quiet', 'expression:', 'in-place', 'regexp-extended']);
  const script = values.get('e') ?? values.get('expression') ?? operands.shift();
  if (script === undefined) throw new UsageError('no script specified');
  const instructions = parse(script, flags.has('E') || flags.has('r') || flags.has('regexp-extended'));
  const quiet = flags.has('n') || flags.has('quiet');
  const inPlace = flags.has('i') || flags.has('in-place');
  return eachInput(process, 'sed', operands, async (input, path) => {
    const text = (await process.until(input.readAll())).toString();
    const result = edit(text, instructions, quiet);
    if (inPlace && path !== '-') process.machine.files.write(absolute(process, path), result);
    else await process.print(result);
  });
});

function edit(text: string, instructions: Instruction[], quiet: boolean): string {
  const ended = text.endsWith('\n');
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  let output = '';
  for (const [index, original] of lines.entries()) {
    const last = index === lines.length - 1;
    const state = { line: original, out: '', deleted: false, quit: false };
    for (const instruction of instructions) {
      if (applies(instruction, state.line, index + 1, last) === instruction.negate) continue;
      perform(instruction, state, index + 1);
      if (state.deleted || state.quit) break;
    }
    const end = last && !ended ? '' : '\n';
    output += `${state.out}${state.deleted || quiet ? '' : `${state.line}${end}`}`;
    if (state.quit) break;
  }
  return output;
}

function perform(instruction: Instruction, state: { line: string; out: string; deleted: boolean; quit: boolean }, number: number): void {
  switch (instruction.command) {
    case 's': {
      const before = state.line;
      if (!instruction.pattern) return;
      const found = instruction.pattern.test(before);
      instruction.pattern.lastIndex = 0;
      state.line = before.replace(instruction.pattern, instruction.replacement ?? '');
      if (instruction.print && found) state.out += `${state.line}\n`;
      return;
    }
    case 'p':
      state.out += `${state.line}\n`;
      return;
    case 'd':
      state.deleted = true;
      return;
    case 'q':
      state.quit = true;
      return;
    case '=':
      state.out += `${number}\n`;
      return;
    case 'c':
      state.line = instruction.text ?? '';
      return;
    case 'i':
      state.out += `${instruction.text}\n`;
      return;
    case 'a':
      state.line += `\n${instruction.text}`;
  }
}

function applies(instruction: Instruction, line: string, number: number, last: boolean): boolean {
  const { from, to } = instruction;
  if (!from) return true;
  if (!to) return matches(from, line, number, last);
  if (!instruction.active && matches(from, line, number, last)) {
    instruction.active = !('line' in to && to.line <= number);
    return true;
  }
  if (!instruction.active) return false;
  if (matches(to, line, number, last)) instruction.active = false;
  return true;
}

function matches(address: Address, line: string, number: number, last: boolean): boolean {
  if ('line' in address) return address.line === number;
  return 'last' in address ? last : address.pattern.test(line);
}

function parse(script: string, extended: boolean): Instruction[] {
  const instructions: Instruction[] = [];
  let rest = script;
  const address = (): Address | undefined => {
    const match = /^(?:(\d+)|(\$)|\/((?:[^/\\]|\\.)*)\/)/.exec(rest);
    if (!match) return undefined;
    rest = rest.slice(match[0].length);
    if (match[1] !== undefined) return { line: Number(match[1]) };
    return match[2] === undefined ? { pattern: regularExpression((match[3] ?? '').replaceAll('\\/', '/'), { extended }) } : { last: true };
  };
  for (rest = rest.replace(/^[\s;]+/, ''); rest !== ''; rest = rest.replace(/^[\s;]+/, '')) {
    const from = address();
    if (from && rest.startsWith(',')) rest = rest.slice(1);
    const to = from ? address() : undefined;
    const negate = /^\s*!/.test(rest);
    rest = rest.replace(/^\s*!?\s*/, '');
    const command = rest.slice(0, 1);
    rest = rest.slice(1);
    const base = { ...(from ? { from } : {}), ...(to ? { to } : {}), negate, active: false, command };
    if (command === 's') {
      const substitution = substitute(rest, extended);
      rest = substitution.rest;
      instructions.push({ ...base, ...substitution.instruction });
    } else if ('aic'.includes(command) && command !== '') {
      instructions.push({ ...base, text: rest.replace(/^\\?\s*/, '') });
      rest = '';
    } else if ('pdq='.includes(command) && command !== '') instructions.push(base);
    else throw new UsageError(`unsupported command ${command}`);
  }
  return instructions;
}

function substitute(text: string, extended: boolean): { rest: string; instruction: Pick<Instruction, 'pattern' | 'replacement' | 'print'> } {
  const delimiter = text[0] ?? '';
  const first = section(text, 1, delimiter);
  const second = section(text, first.end + 1, delimiter);
  const at = second.end + 1;
  const flags = /^[gpiI]*/.exec(text.slice(at))?.[0] ?? '';
  const pattern = regularExpression(first.text, { extended, flags: `${flags.includes('g') ? 'g' : ''}${/i/i.test(flags) ? 'i' : ''}` });
  const replacement = second.text.replaceAll('$', '$$$$').replaceAll(/\\(\d)|\\n|\\t|\\(.)|&/g, (whole, group?: string, char?: string) => {
    if (group !== undefined) return group === '0' ? '$&' : `$${group}`;
    if (whole === '\\n') return '\n';
    if (whole === '\\t') return '\t';
    return char ?? '$&';
  });
  return { rest: text.slice(at + flags.length), instruction: { pattern, replacement, print: flags.includes('p') } };
}

/** Text up to the next delimiter that is not escaped. */
function section(text: string, from: number, delimiter: string): { text: string; end: number } {
  let result = '';
  for (let at = from; at < text.length; at++) {
    if (text[at] === delimiter) return { text: result, end: at };
    if (text[at] === '\\' && text[at + 1] !== delimiter) result += text[at++];
    else if (text[at] === '\\') at++;
    result += text[at] ?? '';
  }
  throw new UsageError("unmatched '/'");
}
