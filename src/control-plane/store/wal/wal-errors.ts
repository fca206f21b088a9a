import { KopsError, messageOf } from '../../../lib/errors.ts';

/** Damage that no crash explains. The file stays as it is: only a person can say what to give up. */
export function corruptFile(path: string, offset: number, problem = 'the record there is damaged', cause?: unknown): KopsError {
  return new KopsError(`the cluster store's file ${path} is corrupt at offset ${offset}: ${problem}`, {
    code: 'STORE_CORRUPT',
    exit: 'cloud',
    object: path,
    suggestions: [
      'Nothing was changed. Bring the file back from a copy of the volume if there is one.',
      `To go on with what was written before the damage, copy the folder, then cut the file: truncate -s ${offset} ${path} (and remove the segments after it).`,
    ],
    cause,
  });
}

/** The disk refused a write: the store stops, what was acknowledged is safe. */
export function writeFailed(path: string, cause: unknown): KopsError {
  return new KopsError(`the cluster store cannot write ${path} and stops: ${messageOf(cause)}`, {
    code: 'STORE_WRITE_FAILED',
    exit: 'cloud',
    object: path,
    suggestions: ['Everything that was acknowledged is on disk. Make room or repair the disk, then start the control plane again.'],
    cause,
  });
}

/** The volume was attached to another machine: what still runs here must not write any more. */
export function takenOver(directory: string): KopsError {
  return new KopsError(`the cluster store in ${directory} was opened again: this one stops`, { code: 'STORE_TAKEN_OVER', exit: 'conflict', object: directory });
}
