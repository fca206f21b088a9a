import { unlinkSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { systemCode } from '../../../src/lib/errors.ts';

const ready = 'ready\n';

export interface DaemonLock {
  /** Tells everybody who waits that the daemon answers. */
  announceReady(): void;
}

/** Held until the process ends: the system gives it back whatever happens. Undefined: another process holds it. */
export function acquireLock(address: string): Promise<DaemonLock | undefined> {
  return tryListen(address).then(async (lock) => {
    // Only where the lock is a file: one that nobody listens on is left from a process that was killed.
    if (lock || address.startsWith('\0') || (await probe(address)) !== 'free') return lock;
    unlinkSync(address);
    return tryListen(address);
  });
}

/** What becomes of the process that holds the lock: `ready` as soon as it answers, `gone` when it ends or nobody holds it. */
export function watchHolder(address: string, until: 'ready' | 'gone'): Promise<'ready' | 'gone'> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const finish = (outcome: 'ready' | 'gone') => {
      socket.destroy();
      resolve(outcome);
    };
    socket.on('data', () => until === 'ready' && finish('ready'));
    socket.on('error', () => finish('gone'));
    socket.on('close', () => finish('gone'));
  });
}

function tryListen(address: string): Promise<DaemonLock | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<Socket>();
    let isReady = false;
    const server = createServer((socket) => {
      socket.unref();
      socket.on('error', () => {});
      socket.on('close', () => waiting.delete(socket));
      waiting.add(socket);
      if (isReady) socket.write(ready);
    });
    server.once('error', (error) => (systemCode(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(address, () => {
      server.unref();
      const announceReady = () => {
        isReady = true;
        for (const socket of waiting) socket.write(ready);
      };
      resolve({ announceReady });
    });
  });
}

function probe(address: string): Promise<'held' | 'free'> {
  return new Promise((resolve) => {
    const socket = connect(address, () => {
      socket.destroy();
      resolve('held');
    });
    socket.on('error', () => resolve('free'));
  });
}
