import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { daemonPaths } from '../../../providers/local/daemon/paths.ts';

/** What systems allow in the name of a Unix socket. */
const longest = 103;

describe('where the local cloud listens', () => {
  const made: string[] = [];
  const temporary = process.env.TMPDIR;
  afterEach(() => {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
    for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
  });

  const homeOf = (length: number): string => {
    const root = mkdtempSync('/tmp/kops-paths-');
    made.push(root);
    return join(root, 'h'.repeat(length));
  };

  it.each([
    ['a short home', 10, undefined],
    ['a home with a long path', 150, undefined],
    ['a home and a temporary folder with long paths', 150, 150],
  ])('%s: the socket has a name that the system takes, in a folder that is there', (_what, homeLength, temporaryLength) => {
    if (temporaryLength !== undefined) process.env.TMPDIR = homeOf(temporaryLength);
    const { socket } = daemonPaths(homeOf(homeLength));
    const folder = socket.replace(/\/daemon\.sock$/, '');
    if (homeLength > 100) made.push(folder);
    expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(longest);
    expect(existsSync(folder)).toBe(true);
  });
});
