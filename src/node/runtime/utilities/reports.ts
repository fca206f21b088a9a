import { formatTime } from '../../../lib/clock.ts';
import { type MountedFileSystem, mountedFileSystems } from '../container/mount-table.ts';
import type { Process, Program } from '../container/process.ts';
import { absolute, parseOptions, printing, UsageError, utility } from './support.ts';

const units = ['', 'K', 'M', 'G', 'T'];

/** 32.0M, as `df -h` and `free -h` print. */
function human(bytes: number): string {
  const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0);
  return power === 0 ? String(bytes) : `${(bytes / 1024 ** power).toFixed(1)}${units[power]}`;
}

/** Sizes are those of the simulation: what a container and a volume may hold. */
const df = utility('df', async (process, args) => {
  const { operands, flags } = parseOptions(args, 'hkmTiPa');
  const all = mountedFileSystems(process.machine.files);
  const shown = operands.length > 0 ? operands.map((path) => holder(process, all, path)) : all.filter(({ sizeBytes }) => sizeBytes > 0);
  const kib = flags.has('m') ? 1024 * 1024 : 1024;
  const size = (bytes: number) => (flags.has('h') ? human(bytes) : String(Math.ceil(bytes / kib)));
  const type = (text: string) => (flags.has('T') ? text.padEnd(11) : '');
  const row = (source: string, kind: string, cells: string[], path: string) =>
    `${source.padEnd(20)} ${type(kind)}${cells.map((cell, index) => cell.padStart(index === 3 ? 4 : 9)).join(' ')} ${path}\n`;
  const head = flags.has('h') ? 'Size' : flags.has('m') ? '1M-blocks' : '1K-blocks';
  await process.print(row('Filesystem', 'Type', [head, 'Used', 'Available', 'Use%'], 'Mounted on'));
  for (const { source, path, usedBytes, sizeBytes, type: kind } of shown) {
    const share = `${sizeBytes === 0 ? 0 : Math.ceil((usedBytes / sizeBytes) * 100)}%`;
    await process.print(row(source, kind, [size(sizeBytes), size(usedBytes), size(sizeBytes - usedBytes), share], path));
  }
  return 0;
});

function holder(process: Process, all: readonly MountedFileSystem[], path: string): MountedFileSystem {
  const full = absolute(process, path);
  if (!process.machine.files.stat(full)) throw new UsageError(`${path}: No such file or directory`);
  const under = all.filter((mount) => mount.path === '/' || full === mount.path || full.startsWith(`${mount.path}/`));
  return under.reduce((longest, mount) => (mount.path.length > longest.path.length ? mount : longest));
}

const mount = utility('mount', async (process, args) => {
  if (args.length > 0) throw new UsageError('permission denied (are you root?)');
  for (const { source, path, type, readOnly } of mountedFileSystems(process.machine.files))
    await process.print(`${source} on ${path} type ${type} (${readOnly ? 'ro' : 'rw'},relatime)\n`);
  return 0;
});

const free = printing('free', (process, args) => {
  const { flags } = parseOptions(args, 'bkmgh');
  const { memoryBytes } = process.machine.hardware;
  const unit = flags.has('b') ? 1 : flags.has('m') ? 1024 ** 2 : flags.has('g') ? 1024 ** 3 : 1024;
  const cell = (bytes: number) => (flags.has('h') ? human(bytes) : String(Math.floor(bytes / unit))).padStart(11);
  const head = ['total', 'used', 'free', 'shared', 'buff/cache', 'available'].map((name) => name.padStart(11)).join(' ');
  const memory = [memoryBytes, 0, memoryBytes, 0, 0, memoryBytes].map(cell).join(' ');
  return `${' '.repeat(8)}${head}\n${'Mem:'.padEnd(8)}${memory}\n${'Swap:'.padEnd(8)}${[0, 0, 0].map(cell).join(' ')}\n`;
});

/** Programs here use no CPU time that could be told apart: the columns are there, their values are zero. */
const top = utility('top', async (process, args) => {
  const { values, flags } = parseOptions(args, 'bn:d:H');
  const rounds = Number(values.get('n') ?? Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await process.sleep(Number(values.get('d') ?? 5) * 1000);
    if (process.terminal && !flags.has('b')) await process.print('\x1b[H\x1b[J');
    await process.print(overview(process));
  }
  return 0;
});

function overview({ machine }: Process): string {
  const running = machine.processes.all();
  const rows = running.map(({ pid, parent, argv }) => `${String(pid).padStart(5)} ${String(parent?.pid ?? 0).padStart(5)} root     S        0   0%   0   0% ${argv.join(' ')}\n`);
  return [
    `Mem: 0K used, ${Math.floor(machine.hardware.memoryBytes / 1024)}K free, 0K shrd, 0K buff, 0K cached\n`,
    'CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n',
    `Load average: 0.00 0.00 0.00 1/${running.length} ${running.at(-1)?.pid ?? 1}\n`,
    '  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n',
    ...rows,
  ].join('');
}

const ps = utility('ps', async (process, args) => {
  const { machine } = process;
  const style = machine.flavour === 'busybox' ? 'busybox' : args.some((arg) => /^-.*[ef]/.test(arg)) ? 'full' : args.some((arg) => /^[a-z]*[ux]/.test(arg)) ? 'user' : 'busybox';
  await process.print(psHeads[style]);
  for (const { pid, parent, argv } of machine.processes.all()) await process.print(psRow(style, pid, parent?.pid ?? 0, argv.join(' ')));
  return 0;
});

type PsStyle = 'busybox' | 'full' | 'user';

const psHeads: Record<PsStyle, string> = {
  busybox: 'PID   USER     TIME  COMMAND\n',
  full: 'UID          PID    PPID  C STIME TTY          TIME CMD\n',
  user: 'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n',
};

function psRow(style: PsStyle, pid: number, parent: number, command: string): string {
  if (style === 'full') return `root     ${String(pid).padStart(7)} ${String(parent).padStart(7)}  0 00:00 ?        00:00:00 ${command}\n`;
  if (style === 'user') return `root     ${String(pid).padStart(7)}  0.0  0.0      0     0 ?        S    00:00   0:00 ${command}\n`;
  return `${String(pid).padStart(5)} root      0:00 ${command}\n`;
}

/** What a container can be asked about itself. */
export const reports: Readonly<Record<string, Program>> = {
  df,
  mount,
  free,
  top,
  ps,
  nproc: printing('nproc', (process) => `${process.machine.hardware.cpus}\n`),
  uptime: printing('uptime', (process) => {
    const seconds = Number.parseFloat(process.machine.files.readText('/proc/uptime'));
    return ` ${formatTime(process.machine.clock.now()).slice(11, 19)} up ${Math.floor(seconds / 60)} min,  load average: 0.00, 0.00, 0.00\n`;
  }),
};
