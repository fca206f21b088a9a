import type { Process } from '../container/process.ts';
import { PythonExit, Raised } from './python-errors.ts';
import { type Callable, type Module, represent, toText, type Value } from './python-values.ts';

function callable(name: string, call: (args: Value[], named: Map<string, Value>) => Value | Promise<Value>): Callable {
  return { type: 'function', name, call: async (args, named) => call(args, named) };
}

const exceptions = [
  'Exception',
  'ValueError',
  'TypeError',
  'RuntimeError',
  'KeyError',
  'IndexError',
  'OSError',
  'IOError',
  'ConnectionError',
  'TimeoutError',
  'NotImplementedError',
  'ZeroDivisionError',
  'AssertionError',
  'FileNotFoundError',
  'PermissionError',
  'MemoryError',
];

export function builtIns(process: Process): Map<string, Value> {
  const functions = [
    callable('print', async (args, named) => {
      await process.print(`${args.map(toText).join(toText(named.get('sep') ?? ' '))}${toText(named.get('end') ?? '\n')}`);
      return null;
    }),
    callable('str', ([value = '']) => toText(value)),
    callable('repr', ([value = null]) => represent(value)),
    callable('int', ([value = 0n]) => integer(value)),
    callable('float', ([value = 0]) => Number(value)),
    callable('len', ([value = '']) => BigInt(typeof value === 'string' || Array.isArray(value) ? value.length : value instanceof Map ? value.size : 0)),
    callable('range', (args) => range(args.map(Number))),
    callable('list', ([value = []]) => (Array.isArray(value) ? [...value] : [...toText(value)])),
    callable('exit', exit),
    callable('quit', exit),
    ...exceptions.map((kind) => callable(kind, ([message = '']) => ({ type: 'exception' as const, kind, message: kind === 'KeyError' ? represent(message) : toText(message) }))),
  ];
  return new Map(functions.map((value) => [value.name, value]));
}

function integer(value: Value): bigint {
  if (typeof value === 'number') return BigInt(Math.trunc(value));
  if (typeof value === 'bigint') return value;
  const text = toText(value).trim();
  if (!/^[-+]?\d+$/.test(text)) throw new Raised('ValueError', `invalid literal for int() with base 10: ${represent(value)}`);
  return BigInt(text);
}

function range(bounds: number[]): Value[] {
  const [first = 0, last, step = 1] = bounds;
  const [from, to] = last === undefined ? [0, first] : [first, last];
  const count = Math.max(0, Math.min(1_000_000, Math.ceil((to - from) / step)));
  return Array.from({ length: count }, (_, index) => BigInt(from + index * step));
}

function exit([code = 0n]: Value[]): never {
  throw new PythonExit(typeof code === 'bigint' ? Number(code) & 255 : code === null ? 0 : 1);
}

/** The few modules, with the few functions, that small scripts use. */
export function moduleNamed(process: Process, name: string): Module | undefined {
  const { clock, random, pod } = process.machine;
  const environment = new Map<Value, Value>([...process.env]);
  const get = callable('getenv', ([key = '', otherwise = null]) => environment.get(key) ?? otherwise);
  const modules: Record<string, () => Record<string, Value>> = {
    os: () => ({
      environ: environment,
      getenv: get,
      getpid: callable('getpid', () => BigInt(process.pid)),
      getcwd: callable('getcwd', () => process.cwd),
      _exit: callable('_exit', exit),
    }),
    sys: () => ({
      exit: callable('exit', exit),
      argv: process.argv.slice(1),
      version: process.env.get('PYTHON_VERSION') ?? '3',
      stdout: stream('stdout', (text) => process.print(text)),
      stderr: stream('stderr', (text) => process.warn(text)),
    }),
    time: () => ({
      sleep: callable('sleep', async ([seconds = 0]) => {
        await process.sleep(Number(seconds) * 1000);
        return null;
      }),
      time: callable('time', () => clock.now() / 1000),
      strftime: callable('strftime', () => new Date(clock.now()).toISOString()),
    }),
    socket: () => ({ gethostname: callable('gethostname', () => pod.hostname) }),
    random: () => ({
      random: callable('random', () => random.next()),
      randint: callable('randint', ([from = 0n, to = 1n]) => BigInt(Number(from) + random.integer(Number(to) - Number(from) + 1))),
    }),
    math: () => ({ pi: Math.PI, sqrt: callable('sqrt', ([value = 0]) => Math.sqrt(Number(value))), floor: callable('floor', ([value = 0]) => BigInt(Math.floor(Number(value)))) }),
  };
  const make = Object.hasOwn(modules, name) ? modules[name] : undefined;
  return make && { type: 'module', name, attributes: new Map(Object.entries(make())) };
}

function stream(name: string, write: (text: string) => Promise<void>): Module {
  const functions = {
    write: callable('write', async ([text = '']) => {
      await write(toText(text));
      return BigInt(toText(text).length);
    }),
    flush: callable('flush', () => null),
  };
  return { type: 'module', name, attributes: new Map(Object.entries(functions)) };
}
