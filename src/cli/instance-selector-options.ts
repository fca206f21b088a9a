import { Flags, type Interfaces } from '@oclif/core';
import type { MachineWishes, Range } from '../operations/select-machine-types.ts';
import { usage } from './base-command.ts';

const memory = (summary: string) => Flags.string({ summary, helpValue: 'GIB' });

/** What machine types are chosen by; names are those of kops and of amazon-ec2-instance-selector. */
export const instanceFlags = {
  vcpus: Flags.integer({ summary: 'Exactly so many CPUs.', min: 1 }),
  'vcpus-min': Flags.integer({ summary: 'At least so many CPUs.', min: 1 }),
  'vcpus-max': Flags.integer({ summary: 'At most so many CPUs.', min: 1 }),
  memory: memory('Exactly so much memory: 16, 16gb, 512mb.'),
  'memory-min': memory('At least so much memory.'),
  'memory-max': memory('At most so much memory.'),
  'cpu-architecture': Flags.string({ summary: 'Architecture of the CPUs.', options: ['amd64', 'x86_64', 'arm64', 'any'], default: 'amd64' }),
  'price-max': Flags.string({ summary: 'At most so many US dollars an hour.', helpValue: 'USD' }),
  'base-instance-type': Flags.string({ summary: 'As large as this one, at least.', helpValue: 'TYPE' }),
  'allow-list': Flags.string({ summary: 'Only types whose name matches.', helpValue: 'REGEX' }),
  'deny-list': Flags.string({ summary: 'No types whose name matches.', helpValue: 'REGEX' }),
  'max-results': Flags.integer({ summary: 'So many results at most.', default: 20, min: 1 }),
};

export function machineWishes(flags: Interfaces.InferredFlags<typeof instanceFlags>): MachineWishes {
  const architecture = flags['cpu-architecture'] === 'arm64' ? 'arm64' : 'amd64';
  const price = flags['price-max'];
  const base = flags['base-instance-type'];
  const [allow, deny] = [pattern('allow-list', flags['allow-list']), pattern('deny-list', flags['deny-list'])];
  return {
    vcpus: range(flags.vcpus, flags['vcpus-min'], flags['vcpus-max']),
    memoryGib: range(gib('memory', flags.memory), gib('memory-min', flags['memory-min']), gib('memory-max', flags['memory-max'])),
    ...(flags['cpu-architecture'] === 'any' ? {} : { architecture }),
    ...(price === undefined ? {} : { priceMax: amount('price-max', price) }),
    ...(base === undefined ? {} : { baseMachineType: base }),
    ...(allow ? { allow } : {}),
    ...(deny ? { deny } : {}),
    maxResults: flags['max-results'],
  };
}

function range(exactly: number | undefined, min = exactly, max = exactly): Range {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

/** GiB of `16`, `16gb`, `16Gi`, `512mb`. */
function gib(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(g|gb|gi|gib|m|mb|mi|mib)?$/i.exec(text) ?? [];
  if (number === '') throw usage(`--${flag} ${text} is not an amount of memory`, [`Write it in GiB: --${flag} 16`]);
  return Number(number) / (/^m/i.test(unit) ? 1024 : 1);
}

function amount(flag: string, text: string): number {
  const value = Number(text.replace(/^\$/, ''));
  if (text !== '' && value >= 0) return value;
  throw usage(`--${flag} ${text} is not an amount of money`, [`Write it in US dollars: --${flag} 0.25`]);
}

function pattern(flag: string, text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text);
  } catch {
    throw usage(`--${flag} ${text} is not a regular expression`, [`For example --${flag} '^m5'`]);
  }
}
