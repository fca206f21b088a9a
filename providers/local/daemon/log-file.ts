import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import type { LogSink } from '../../../src/lib/log.ts';

const largestBytes = 10 * 1024 * 1024;

/** Appends to the file; at 10 MB it becomes `<path>.1` and a new one begins. */
export function logFileSink(path: string, limitBytes = largestBytes): LogSink {
  let file = openSync(path, 'a', 0o600);
  let size = fstatSync(file).size;
  return (line) => {
    if (size >= limitBytes) {
      closeSync(file);
      renameSync(path, `${path}.1`);
      file = openSync(path, 'a', 0o600);
      size = 0;
    }
    size += writeSync(file, line);
  };
}
