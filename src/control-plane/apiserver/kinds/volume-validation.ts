import type { PodSpec } from '../../../kube/objects.ts';
import { duplicate, forbiddenField, invalidAll, invalidValue, required } from './field-errors.ts';
import { dnsLabel } from './names.ts';
import type { FieldError } from './strategy.ts';

type Json = Record<string, unknown>;

/** The field of a source without which it means nothing. */
const neededFields: Record<string, string> = { configMap: 'name', secret: 'secretName', hostPath: 'path', persistentVolumeClaim: 'claimName', nfs: 'server', csi: 'driver' };

/** Errors, and the names that mounts may use. */
export function validateVolumes({ volumes = [] }: PodSpec, at: string): { errors: FieldError[]; names: Set<string> } {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, volume] of volumes.entries()) {
    const field = `${at}[${index}]`;
    const name = String(volume.name ?? '');
    if (name === '') errors.push(required(`${field}.name`));
    else errors.push(...invalidAll(`${field}.name`, name, dnsLabel(name)));
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    errors.push(...validateSource(volume, field));
  }
  return { errors, names };
}

function validateSource(volume: Json, at: string): FieldError[] {
  const [kind, ...extra] = Object.keys(volume).filter((key) => key !== 'name');
  if (kind === undefined) return [required(at, 'must specify a volume type')];
  const errors = extra.map((other) => forbiddenField(`${at}.${other}`, 'may not specify more than 1 volume type'));
  const source = volume[kind] as Json;
  const needed = neededFields[kind];
  if (needed !== undefined && !source[needed]) errors.push(required(`${at}.${kind}.${needed}`));
  for (const [index, item] of ((source.items as Json[] | undefined) ?? []).entries()) errors.push(...validateItem(item, `${at}.${kind}.items[${index}]`, kind));
  return errors;
}

function validateItem(item: Json, at: string, kind: string): FieldError[] {
  const path = String(item.path ?? '');
  const errors: FieldError[] = [];
  if (kind !== 'downwardAPI' && !item.key) errors.push(required(`${at}.key`));
  if (path === '') errors.push(required(`${at}.path`));
  else if (path.startsWith('/')) errors.push(invalidValue(`${at}.path`, path, 'must be a relative path'));
  else if (path.split('/').includes('..')) errors.push(invalidValue(`${at}.path`, path, "must not contain '..'"));
  return errors;
}
