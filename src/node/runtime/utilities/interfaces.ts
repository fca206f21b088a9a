import type { Process, Program } from '../container/process.ts';
import { parseOptions, printing, UsageError, utility } from './support.ts';

/** The next hop of every pod: its network gives each an address of its own and routes the rest. */
const gateway = '169.254.1.1';

/** As container networks derive it from the address. */
function macOf(ip: string): string {
  return `0a:58:${ip
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`;
}

const ip = utility('ip', async (process, args) => {
  const { operands, flags } = parseOptions(
    args.map((arg) => (arg.startsWith('-') ? arg.replace(/^--?(4|6|o|br|brief|family|inet)$/, (_all, name: string) => `-${name[0]}`) : arg)),
    '46obfi',
  );
  const [object = '', verb = 'show', ...rest] = operands;
  const name = rest.find((word) => word === 'lo' || word.startsWith('eth')) ?? (verb === 'lo' || verb.startsWith('eth') ? verb : undefined);
  if (!/^(?:s|sh|show|l|list|ls|lst|get|lo|eth\d+|dev)$/.test(verb)) throw new UsageError('RTNETLINK answers: Operation not permitted', 2);
  if ('address'.startsWith(object) && object !== '') await process.print(addresses(process, name, flags.has('6')));
  else if ('link'.startsWith(object)) await process.print(links(process, name).join(''));
  else if ('route'.startsWith(object)) await process.print(flags.has('6') ? '' : `default via ${gateway} dev eth0 \n${gateway} dev eth0 scope link \n`);
  else throw new UsageError(`Object "${object}" is not part of this simulation, try "ip addr", "ip link" or "ip route"`);
  return 0;
});

function links(process: Process, name: string | undefined): string[] {
  const all: [string, string][] = [
    ['lo', '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n'],
    [
      'eth0',
      `2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue state UP qlen 1000\n    link/ether ${macOf(process.machine.pod.ip)} brd ff:ff:ff:ff:ff:ff\n`,
    ],
  ];
  const shown = all.filter(([device]) => name === undefined || device === name);
  if (shown.length === 0) throw new UsageError(`can't find device '${name}'`);
  return shown.map(([, text]) => text);
}

function addresses(process: Process, name: string | undefined, six: boolean): string {
  const forever = '       valid_lft forever preferred_lft forever\n';
  return links(process, name)
    .map((link) => {
      if (six) return '';
      const loopback = link.startsWith('1:');
      return `${link}    inet ${loopback ? '127.0.0.1/8 scope host lo' : `${process.machine.pod.ip}/32 scope global eth0`}\n${forever}`;
    })
    .join('');
}

const ifconfig = printing('ifconfig', (process, args) => {
  const { pod } = process.machine;
  const counters =
    '          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n';
  const cards: Record<string, string> = {
    eth0: `eth0      Link encap:Ethernet  HWaddr ${macOf(pod.ip).toUpperCase()}  \n          inet addr:${pod.ip}  Bcast:0.0.0.0  Mask:255.255.255.255\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n${counters}`,
    lo: `lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n${counters}`,
  };
  const [name] = args.filter((arg) => arg !== '-a');
  const card = name === undefined ? Object.values(cards).join('') : cards[name];
  if (card === undefined) throw new UsageError(`${name}: error fetching interface information: Device not found`);
  return card;
});

const route = printing('route', () => {
  const row = (destination: string, via: string, mask: string, flags: string) =>
    `${destination.padEnd(16)}${via.padEnd(16)}${mask.padEnd(16)}${flags.padEnd(5)} 0      0        0 eth0\n`;
  const head = 'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n';
  return `${head}${row('0.0.0.0', gateway, '0.0.0.0', 'UG')}${row(gateway, '0.0.0.0', '255.255.255.255', 'UH')}`;
});

/** Listening ports of the whole pod: its containers share one network. */
const netstat = printing('netstat', (process) => {
  const rows = process.machine.network.listening().map(({ address, port }) => `tcp        0      0 ${`${address}:${port}`.padEnd(23)} 0.0.0.0:*               LISTEN\n`);
  return `Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State\n${rows.join('')}`;
});

export const interfaceTools: Readonly<Record<string, Program>> = { ip, ifconfig, route, netstat };
