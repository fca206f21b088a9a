import { readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { systemCode } from '../lib/errors.ts';

/** Enough to tell later whether a process of this machine still runs. */
export interface ProcessIdentity {
  host: string;
  pid: number;
  /** Containers of one host name count their processes apart. Linux only. */
  namespace?: string;
}

export function ownProcess(): ProcessIdentity {
  const namespace = pidNamespace();
  return { host: hostname(), pid: process.pid, ...(namespace === undefined ? {} : { namespace }) };
}

/** This process for people: `ann@laptop pid 4711`. */
export function ownName(): string {
  return `${userName()}@${hostname()} pid ${process.pid}`;
}

/** True only when it certainly does not run any more: never for processes of elsewhere. */
export function isGone({ host, pid, namespace }: ProcessIdentity): boolean {
  if (host !== hostname() || namespace !== pidNamespace()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}

function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

/** In a container the user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
