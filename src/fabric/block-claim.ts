import { connect, createServer, type Server } from 'node:net';
import { type Cidr, cidrSize, formatIp, parseCidr } from '../lib/cidr.ts';
import type { Environment } from '../lib/environment.ts';
import { KopsError, systemCode } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';

/** Who holds a block; what the sentinel answers. */
export interface BlockHolder {
  /** Path of KOPS_TS_HOME. */
  home: string;
  cluster: string;
  pid: number;
}

export interface BlockClaim {
  release(): Promise<void>;
}

const sentinelPort = 16777;
const answerTimeoutMs = 1000;

/**
 * Claims an address block of 127.0.0.0/8 on this machine, by listening on the last address of each /16 it touches, for as long as the process lives.
 * Throws KopsError `BLOCK_IN_USE` naming the holder. A block elsewhere needs no claim: none of its addresses is ever bound.
 */
export async function claimBlock(environment: Environment, cidr: string, holder: BlockHolder): Promise<BlockClaim> {
  const block = parseCidr(cidr);
  if (!block) throw new KopsError(`${cidr} is not an IPv4 address block`, { code: 'INVALID_CIDR', exit: 'invalid', object: cidr });
  const servers: Server[] = [];
  const release = async () => void (await Promise.all(servers.map((server) => new Promise((done) => server.close(done)))));
  try {
    for (const sentinel of sentinelsOf(block)) servers.push(await bindSentinel(sentinel, holder));
  } catch (error) {
    await release();
    if (!(error instanceof SentinelTaken)) throw error;
    throw inUse(cidr, await askHolder(environment, error.address), error.cause);
  }
  return { release };
}

interface Address {
  ip: string;
  port: number;
}

class SentinelTaken extends Error {
  readonly address: Address;
  constructor(address: Address, cause: unknown) {
    super('sentinel taken', { cause });
    this.address = address;
  }
}

function sentinelsOf(block: Cidr): number[] {
  if (block.base >>> 24 !== 127) return [];
  const first = block.base >>> 16;
  const last = (block.base + cidrSize(block) - 1) >>> 16;
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * 65536 + 65535);
}

async function bindSentinel(address: number, holder: BlockHolder): Promise<Server> {
  try {
    return await bind({ ip: formatIp(address), port: sentinelPort }, holder);
  } catch (error) {
    // Where only 127.0.0.1 exists, each /16 has a port of its own there.
    if (systemCode(error) !== 'EADDRNOTAVAIL') throw error;
    return bind({ ip: '127.0.0.1', port: sentinelPort + 1 + ((address >>> 16) & 255) }, holder);
  }
}

function bind(address: Address, holder: BlockHolder): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(`${JSON.stringify(holder)}\n`);
    });
    server.once('error', (error) => reject(systemCode(error) === 'EADDRINUSE' ? new SentinelTaken(address, error) : error));
    server.listen({ host: address.ip, port: address.port, exclusive: true }, () => resolve(server.unref()));
  });
}

function askHolder(environment: Environment, address: Address): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: address.ip, port: address.port });
    const finish = () => {
      timer.cancel();
      socket.destroy();
      resolve(answer);
    };
    const timer = environment.clock.setTimer(answerTimeoutMs, finish, { background: true });
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      answer = (answer + chunk).slice(0, 4096);
      if (answer.includes('\n')) finish();
    });
    socket.on('error', finish);
    socket.on('end', finish);
  });
}

function inUse(cidr: string, answer: string, cause: unknown): KopsError {
  const holder = parseHolder(answer);
  const who = holder ? `cluster ${holder.cluster} of ${holder.home} (process ${holder.pid})` : 'another program';
  return new KopsError(`address block ${cidr} is in use by ${who}`, {
    code: 'BLOCK_IN_USE',
    exit: 'conflict',
    object: cidr,
    expected: 'a block of 127.0.0.0/8 that nobody else holds',
    suggestions: holder
      ? [`Stop that one first: KOPS_TS_HOME=${holder.home} kops-ts local stop`, 'or choose another block for this cluster: spec.networkCIDR']
      : ['Choose another block for this cluster: spec.networkCIDR'],
    cause,
  });
}

function parseHolder(answer: string): BlockHolder | undefined {
  try {
    const value: unknown = JSON.parse(answer);
    if (!isPlainObject(value) || typeof value.home !== 'string' || typeof value.cluster !== 'string' || typeof value.pid !== 'number') return undefined;
    return { home: value.home, cluster: value.cluster, pid: value.pid };
  } catch {
    return undefined;
  }
}
