import type { Duplex } from 'node:stream';
import { parseIp } from '../../../lib/cidr.ts';
import { systemCode } from '../../../lib/errors.ts';
import type { Process, Program } from '../container/process.ts';
import { parseOptions, UsageError, utility } from './support.ts';
import { wget } from './wget.ts';

const nslookup = utility('nslookup', async (process, args) => {
  const [name] = parseOptions(args.map((arg) => (/^-\w+=/.test(arg) ? '' : arg)).filter(Boolean), 'd').operands;
  if (name === undefined) throw new UsageError('usage: nslookup HOST [DNS_SERVER]');
  const { nameserver } = process.machine.resolver;
  await process.print(`Server:\t\t${nameserver}\nAddress:\t${nameserver}:53\n\n`);
  const addresses = await process.until(process.machine.network.lookup(name));
  if (addresses.length === 0) {
    await process.print(`** server can't find ${name}: NXDOMAIN\n\n`);
    return 1;
  }
  for (const address of addresses) await process.print(`Name:\t${fullName(process, name)}\nAddress: ${address}\n`);
  await process.print('\n');
  return 0;
});

/** The name that the search list of /etc/resolv.conf makes of a short one. */
function fullName(process: Process, name: string): string {
  const domain = process.machine.resolver.clusterDomain;
  if (name.endsWith('.')) return name.slice(0, -1);
  if (name.endsWith(`.${domain}`) || parseIp(name) !== undefined) return name;
  if (name.endsWith('.svc')) return `${name}.${domain}`;
  const dots = name.split('.').length - 1;
  if (dots === 0) return `${name}.${process.machine.pod.namespace}.svc.${domain}`;
  return dots === 1 ? `${name}.svc.${domain}` : name;
}

const getent = utility('getent', async (process, args) => {
  const [database, name = ''] = args;
  if (database !== 'hosts' && database !== 'ahosts') throw new UsageError(`unknown database: ${database ?? ''}`);
  const addresses = await process.until(process.machine.network.lookup(name));
  for (const address of addresses) await process.print(`${address.padEnd(15)} ${fullName(process, name)}\n`);
  return addresses.length > 0 ? 0 : 2;
});

const nc = utility('nc', async (process, args) => {
  const { operands, flags, values } = parseOptions(args, 'zvnw:lp:u46kN');
  const [host = '', portText = values.get('p') ?? ''] = operands;
  if (flags.has('u')) throw new UsageError('UDP is not part of this simulation');
  if (flags.has('l')) return listen(process, Number(values.get('p') ?? operands.at(-1)));
  const port = Number(portText);
  const [ip] = await process.until(process.machine.network.lookup(host));
  if (ip === undefined) throw new UsageError(`bad address '${host}'`);
  try {
    const stream = await process.until(process.machine.network.connect(ip, port));
    const forget = process.onEnd(() => stream.destroy());
    if (flags.has('v')) await process.warn(`${host} (${ip}:${port}) open\n`);
    if (flags.has('z')) stream.destroy();
    else await carry(process, stream);
    forget();
    return 0;
  } catch (error) {
    if (!process.alive) throw error;
    const why = systemCode(error) === 'EHOSTUNREACH' ? 'No route to host' : 'Connection refused';
    if (!flags.has('z') || flags.has('v')) await process.warn(`nc: ${host} (${ip}:${port}): ${why}\n`);
    return 1;
  }
});

async function carry(process: Process, stream: Duplex): Promise<void> {
  const send = async () => {
    for (let chunk = await process.stdin.read(); chunk; chunk = await process.stdin.read()) stream.write(chunk);
    stream.end();
  };
  const receive = async () => {
    for await (const chunk of stream) await process.stdout.write(chunk as Buffer);
  };
  void send().catch(() => stream.destroy());
  await process.until(receive());
}

async function listen(process: Process, port: number): Promise<number> {
  let connected: (stream: Duplex) => void = () => {};
  const first = new Promise<Duplex>((resolve) => (connected = resolve));
  const listener = await process.machine.network.listen('', port, (connection) => connected(connection.stream));
  const forget = process.onEnd(() => void listener.close());
  const stream = await process.until(first);
  await listener.close();
  forget();
  const end = process.onEnd(() => stream.destroy());
  await carry(process, stream);
  end();
  return 0;
}

/** There is no ICMP here. It says what the real one says where it may not send any, and what to use instead. */
const ping = utility('ping', async (process, args) => {
  const host = parseOptions(args, 'c:w:W:i:s:I:q46').operands[0];
  if (host === undefined) throw new UsageError('usage: ping [-c COUNT] HOST');
  const [ip] = await process.until(process.machine.network.lookup(host));
  if (ip === undefined) throw new UsageError(`bad address '${host}'`);
  await process.print(`PING ${host} (${ip}): 56 data bytes\n`);
  await process.warn('ping: permission denied (are you root?)\nping: this network carries TCP only; try wget, curl or nc -zv HOST PORT\n');
  return 1;
});

export const networkTools: Readonly<Record<string, Program>> = { wget, nslookup, nc, ping, getent };
