import { exitCodes, KopsError, messageOf, systemCode } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';

/** Everything a person or a program is told about a failure. */
export interface RenderedError {
  exitCode: number;
  text: string;
  json: { error: { code: string; message: string; suggestions: string[]; object?: string; exitCode: number; [detail: string]: unknown } };
}

interface ParseFailure {
  name: string;
  message: string;
  flags?: string[];
  args?: unknown[];
  oclif?: { exit?: number };
}

export interface CommandNames {
  /** Flag names of the command that failed to parse. */
  flags: readonly string[];
  bin: string;
  id: string;
  argv: readonly string[];
  /** Ids of all commands. */
  commands: readonly string[];
}

/** An expected failure, a usage error, or a bug: the same words and exit code for people and for programs. */
export function renderError(error: unknown, command: CommandNames): RenderedError {
  if (error instanceof KopsError) {
    const expected = error.expected === undefined ? [] : [`Expected: ${error.expected}`];
    const { exitCode, text, json } = rendered(error.code, error.message, error.suggestions, error.exitCode, error.object, [...expected, ...causesOf(error)]);
    return { exitCode, text, json: { error: { ...json.error, ...error.details } } };
  }
  const system = systemCode(error);
  // A file or a connection that failed below anything of ours that would have said more.
  if (system !== undefined && typeof (error as { syscall?: unknown }).syscall === 'string') return rendered(system, messageOf(error), [], exitCodes.cloud, undefined, []);
  const failure = error as ParseFailure;
  if (failure?.oclif !== undefined) return usageError(failure, command);
  const message = `this is a bug in kops-ts: ${messageOf(error)}`;
  return rendered(
    'BUG',
    message,
    ['Run it again with KOPS_TS_LOG_LEVEL=debug and report what it prints.'],
    exitCodes.bug,
    undefined,
    error instanceof Error && error.stack ? [error.stack] : [],
  );
}

function usageError(failure: ParseFailure, command: CommandNames): RenderedError {
  // Flags that may be repeated take one value each: what the parser says of them there does not hold.
  const message = failure.message.replace(/\nSee more help with --help$/, '').replace(/\n\nNote: --[\s\S]* multiple values\.[\s\S]*$/, '');
  const guesses = (failure.flags ?? []).flatMap((flag) => nearest(flag.replace(/^-+/, '').split('=')[0] ?? '', command.flags) ?? []);
  const [word = ''] = command.argv;
  const children = command.commands.filter((id) => id.startsWith(`${command.id}:`));
  const child = word === '' || word.startsWith('-') ? undefined : nearest(`${command.id}:${word}`, children);
  const suggestions = [
    ...guesses.map((flag) => `Did you mean --${flag}?`),
    ...nearestOption(message),
    ...booleanHint(message, command.argv),
    ...(child === undefined ? [] : [`Did you mean ${command.bin} ${child.replaceAll(':', ' ')}?`]),
    `${command.bin} ${command.id.replaceAll(':', ' ')} --help`,
  ];
  return rendered('USAGE', message, suggestions, failure.oclif?.exit ?? exitCodes.usage, undefined, []);
}

/** `Expected --output=tabel to be one of: table, json` */
function nearestOption(message: string): string[] {
  const [, flag = '', value = '', options = ''] = /^Expected (--[a-z0-9-]+=)?(.*) to be one of: (.*)$/m.exec(message) ?? [];
  const near = options === '' ? undefined : nearest(value, options.split(', '));
  return near === undefined ? [] : [`Did you mean ${flag}${near}?`];
}

/** `--yes true`: kops takes the value of such a flag with an equals sign only. */
function booleanHint(message: string, argv: readonly string[]): string[] {
  const at = argv.findIndex((word) => word === 'true' || word === 'false');
  const flag = argv[at - 1] ?? '';
  return /^Unexpected argument/.test(message) && flag.startsWith('--') ? [`A flag that is on or off takes its value with =: ${flag}=${argv[at]}`] : [];
}

function rendered(code: string, message: string, suggestions: readonly string[], exitCode: number, object: string | undefined, details: readonly string[]): RenderedError {
  const lines = [`Error: ${message}`, ...details.map((detail) => `  ${detail}`)];
  if (suggestions.length > 0) lines.push('', 'Try this:', ...suggestions.map((suggestion) => `  ${suggestion}`));
  return { exitCode, text: `${lines.join('\n')}\n`, json: { error: { code, message, suggestions: [...suggestions], ...(object === undefined ? {} : { object }), exitCode } } };
}

/** Causes that say something the message does not. */
function causesOf(error: Error): string[] {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 3; cause = cause.cause) {
    if (!error.message.includes(cause.message)) causes.push(`Caused by: ${cause.message}`);
  }
  return causes;
}
