import type { KubeObject } from '../../../kube/objects.ts';
import { deepEqual } from '../../../lib/json.ts';
import { forbiddenField, immutableMessage, invalidAll, invalidValue, required } from './field-errors.ts';
import type { NameRule } from './names.ts';
import { dnsLabel, labelValue, qualifiedName } from './names.ts';
import type { FieldError } from './strategy.ts';

const maxAnnotationBytes = 256 * 1024;

export function validateMetadata(object: KubeObject, namespaced: boolean, nameRule: NameRule): FieldError[] {
  const { metadata } = object;
  const errors: FieldError[] = [];
  if (metadata.generateName) errors.push(...invalidAll('metadata.generateName', metadata.generateName, nameRule(metadata.generateName.replace(/-+$/, ''))));
  if (!metadata.name) errors.push(required('metadata.name', 'name or generateName is required'));
  else errors.push(...invalidAll('metadata.name', metadata.name, nameRule(metadata.name)));
  if (namespaced && !metadata.namespace) errors.push(required('metadata.namespace'));
  else if (namespaced) errors.push(...invalidAll('metadata.namespace', metadata.namespace, dnsLabel(metadata.namespace ?? '')));
  else if (metadata.namespace) errors.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  return [...errors, ...validateLabels(metadata.labels, 'metadata.labels'), ...validateAnnotations(metadata.annotations, 'metadata.annotations'), ...validateOwners(object)];
}

export function validateLabels(labels: Record<string, string> | undefined, field: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [...invalidAll(field, key, qualifiedName(key)), ...invalidAll(field, value, labelValue(value))]);
}

export function validateAnnotations(annotations: Record<string, string> | undefined, field: string): FieldError[] {
  let bytes = 0;
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...invalidAll(field, key, qualifiedName(key.toLowerCase())));
    bytes += key.length + Buffer.byteLength(value);
  }
  if (bytes > maxAnnotationBytes) errors.push({ reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maxAnnotationBytes} bytes`, field });
  return errors;
}

function validateOwners({ metadata }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const [index, owner] of (metadata.ownerReferences ?? []).entries()) {
    const field = `metadata.ownerReferences[${index}]`;
    if (!owner.apiVersion) errors.push(invalidValue(`${field}.apiVersion`, owner.apiVersion, 'version must not be empty'));
    if (!owner.kind) errors.push(invalidValue(`${field}.kind`, owner.kind, 'must not be empty'));
    if (!owner.name) errors.push(invalidValue(`${field}.name`, owner.name, 'must not be empty'));
    if (!owner.uid) errors.push(invalidValue(`${field}.uid`, owner.uid, 'must not be empty'));
    if (!owner.controller) continue;
    if (controller !== undefined) {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.kind}/${owner.name}`;
      errors.push(invalidValue('metadata.ownerReferences', metadata.ownerReferences, detail));
    }
    controller = `${owner.kind}/${owner.name}`;
  }
  for (const finalizer of metadata.finalizers ?? []) {
    const wrong = qualifiedName(finalizer);
    errors.push(...invalidAll('metadata.finalizers', finalizer, wrong));
    if (wrong.length === 0 && !finalizer.includes('/') && !standardFinalizers.has(finalizer)) {
      errors.push(invalidValue('metadata.finalizers', finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
    }
  }
  return errors;
}

const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

export function validateMetadataUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    const value = object.metadata[name];
    const before = old.metadata[name];
    if (value !== before) errors.push(invalidValue(`metadata.${name}`, value, immutableMessage));
  }
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !old.metadata.finalizers?.includes(finalizer));
  if (old.metadata.deletionTimestamp && added.length > 0) {
    errors.push(
      forbiddenField(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => JSON.stringify(f)).join(', ')}}`,
      ),
    );
  }
  return errors;
}

/** The generation counts changes of what the user asks for, not of the status; kinds that are created without one have none (nodes, services). */
export function countGeneration(object: KubeObject, old: KubeObject, changed = !deepEqual(object.spec, old.spec)): void {
  const before = old.metadata.generation;
  if (before !== undefined) object.metadata.generation = changed ? before + 1 : before;
}

/** Takes a field from the old object; a field that was not there goes. */
export function keepField(object: KubeObject, old: KubeObject, field: string): void {
  if (old[field] === undefined) delete object[field];
  else object[field] = old[field];
}

export function immutable(field: string, value: unknown, before: unknown): FieldError[] {
  return deepEqual(value, before) ? [] : [invalidValue(field, value, immutableMessage)];
}
