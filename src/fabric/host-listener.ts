import { createServer, type Server, type Socket } from 'node:net';
import { systemCode } from '../lib/errors.ts';

export interface HostListener {
  exposed: { ip: string; port: number };
  close(): void;
}

/** Codes after which another address can still work; anything else (EMFILE) is the caller's to judge. */
const unusable = new Set(['EACCES', 'EADDRNOTAVAIL', 'EADDRINUSE', 'EPERM']);

/**
 * A TCP server on the user's machine for `ip:port`, or on 127.0.0.1 and another port where the system does not allow that one.
 * The other port is the same each time as long as it is free. Addresses outside 127.0.0.0/8 are never bound: they could be seen from other machines.
 */
export async function openHostListener(ip: string, port: number, onSocket: (socket: Socket) => void): Promise<HostListener> {
  const candidates = ip.startsWith('127.') ? [{ ip, port }] : [];
  candidates.push({ ip: '127.0.0.1', port: usualPort(ip, port) }, { ip: '127.0.0.1', port: 0 });
  for (const candidate of candidates) {
    try {
      return await bind(candidate.ip, candidate.port, onSocket);
    } catch (error) {
      if (!unusable.has(systemCode(error) ?? '')) throw error;
    }
  }
  throw Object.assign(new Error(`no free port on 127.0.0.1 for ${ip}:${port}`), { code: 'EADDRINUSE' });
}

function usualPort(ip: string, port: number): number {
  let hash = 5381;
  for (const char of `${ip}:${port}`) hash = (hash * 33 + char.charCodeAt(0)) >>> 0;
  return 20000 + (hash % 10000);
}

function bind(ip: string, port: number, onSocket: (socket: Socket) => void): Promise<HostListener> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, onSocket);
    server.once('error', reject);
    server.listen({ host: ip, port, exclusive: true }, () => {
      server.removeListener('error', reject);
      server.on('error', () => {});
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : port;
      resolve({ exposed: { ip, port: bound }, close: () => void server.close() });
    });
  });
}
