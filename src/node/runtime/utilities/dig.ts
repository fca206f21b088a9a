import type { Process } from '../container/process.ts';
import { UsageError, utility } from './support.ts';

/** dig NAME, for addresses: names are taken as they are, without the search list unless `+search` asks for it. */
export const dig = utility('dig', async (process, args) => {
  const words = args.filter((arg) => !/^[-+@]/.test(arg) && !/^(?:A|IN)$/i.test(arg));
  const [name, type] = words;
  if (name === undefined || (type !== undefined && !/^(?:AAAA|ANY)$/i.test(type)))
    throw new UsageError('only addresses of names are part of this simulation: dig [+short] [+search] NAME');
  const addresses = type?.toUpperCase() === 'AAAA' ? [] : await lookup(process, name, args.includes('+search'));
  if (args.includes('+short')) await process.print(addresses.map((address) => `${address}\n`).join(''));
  else await process.print(answer(process, `${name.replace(/\.$/, '')}.`, addresses));
  return 0;
});

function lookup(process: Process, name: string, search: boolean): Promise<string[]> {
  if (!search && !name.replace(/\.$/, '').includes('.')) return Promise.resolve([]);
  return process.until(process.machine.network.lookup(name));
}

function answer(process: Process, name: string, addresses: readonly string[]): string {
  const rows = addresses.map((address) => `${name}\t30\tIN\tA\t${address}\n`).join('');
  return [
    `\n; <<>> DiG 9.18 <<>> ${name}\n;; global options: +cmd\n;; Got answer:\n`,
    `;; ->>HEADER<<- opcode: QUERY, status: ${addresses.length > 0 ? 'NOERROR' : 'NXDOMAIN'}, id: 1\n`,
    `;; flags: qr aa rd; QUERY: 1, ANSWER: ${addresses.length}, AUTHORITY: 0, ADDITIONAL: 0\n\n;; QUESTION SECTION:\n;${name}\tIN\tA\n\n`,
    ...(addresses.length > 0 ? [`;; ANSWER SECTION:\n${rows}\n`] : []),
    `;; Query time: 0 msec\n;; SERVER: ${process.machine.resolver.nameserver}#53(${process.machine.resolver.nameserver})\n\n`,
  ].join('');
}
