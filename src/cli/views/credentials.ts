import type { KeypairRow } from '../../operations/keypairs.ts';
import type { SshPublicKey } from '../../operations/ssh-public-keys.ts';
import type { AddonObject, SSHCredential } from '../../spec/types.ts';
import { formatObjects } from './objects.ts';
import { rendered } from './tables.ts';

/** kops' tables of keys and secrets, and the same as data. */
export function keypairsText(rows: readonly KeypairRow[], output: string, options: { distrusted: boolean }): string {
  if (output === 'json' || output === 'yaml') return formatObjects(rows, output);
  if (output === 'name') return rows.map((row) => `${row.name}/${row.id}\n`).join('');
  const mark = (value: boolean) => (value ? '*' : '');
  const day = (time = '') => time.slice(0, 10);
  return rendered(
    ['NAME', 'ID', 'ISSUED', 'EXPIRES', ...(options.distrusted ? ['DISTRUSTED'] : []), 'PRIMARY', 'HASPRIVATE'],
    rows.map((row) => [
      row.name,
      row.id,
      day(row.notBefore),
      day(row.notAfter),
      ...(options.distrusted ? [day(row.distrustTimestamp)] : []),
      mark(row.isPrimary),
      mark(row.hasPrivateKey),
    ]),
  );
}

export function sshPublicKeysText(keys: readonly SshPublicKey[], output: string): string {
  if (output === 'json' || output === 'yaml') return formatObjects(keys, output);
  if (output === 'name') return keys.map((key) => `${key.id}\n`).join('');
  return rendered(
    ['ID'],
    keys.map((key) => [key.id]),
  );
}

export function sshCredentialsTable(keys: readonly SSHCredential[]): string {
  return rendered(
    ['ID'],
    keys.map((key) => [key.metadata.name.replace(/(..)(?=.)/g, '$1:')]),
  );
}

export function addonsTable(addons: readonly AddonObject[]): string {
  return rendered(
    ['KIND', 'NAMESPACE', 'NAME'],
    addons.map(({ kind, metadata }) => [kind, metadata.namespace ?? '', metadata.name]),
  );
}

/** Names only: what secrets hold is printed on request. */
export function secretsText(names: readonly string[], output: string): string {
  if (output === 'json' || output === 'yaml')
    return formatObjects(
      names.map((name) => ({ name })),
      output,
    );
  if (output === 'name') return names.map((name) => `secret/${name}\n`).join('');
  return rendered(
    ['NAME'],
    names.map((name) => [name]),
  );
}
