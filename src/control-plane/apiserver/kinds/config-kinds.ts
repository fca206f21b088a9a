import type { ConfigMap, KubeObject, Secret } from '../../../kube/objects.ts';
import { deepEqual } from '../../../lib/json.ts';
import { forbiddenField, invalidAll, invalidValue, required, tooLong } from './field-errors.ts';
import { immutable } from './metadata.ts';
import { configKey } from './names.ts';
import type { KindRules } from './rules.ts';
import type { FieldError } from './strategy.ts';

const maxBytes = 1024 * 1024;

export const configMapRules: KindRules = {
  validate: (object) => {
    const { data = {}, binaryData = {} } = object as ConfigMap;
    const errors = [...validateKeys(data, 'data'), ...validateKeys(binaryData, 'binaryData')];
    for (const key of Object.keys(data)) if (key in binaryData) errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    const size = [...Object.values(data).map((value) => Buffer.byteLength(value)), ...Object.values(binaryData).map(base64Bytes)].reduce((sum, bytes) => sum + bytes, 0);
    return size > maxBytes ? [...errors, tooLong('', maxBytes)] : errors;
  },
  validateUpdate: (object, old) => validateFrozen(object, old, ['data', 'binaryData']),
};

/** What a type of secret must hold. */
const requiredKeys: Record<string, string[][]> = {
  'kubernetes.io/dockercfg': [['.dockercfg']],
  'kubernetes.io/dockerconfigjson': [['.dockerconfigjson']],
  'kubernetes.io/basic-auth': [['username', 'password']],
  'kubernetes.io/ssh-auth': [['ssh-privatekey']],
  'kubernetes.io/tls': [['tls.crt'], ['tls.key']],
};

export const secretRules: KindRules = {
  default: (object) => {
    const secret = object as Secret;
    secret.type ||= 'Opaque';
    const text = secret.stringData as Record<string, string> | undefined;
    if (!text) return;
    // Written once, never read back.
    secret.data = { ...secret.data };
    for (const [key, value] of Object.entries(text)) secret.data[key] = Buffer.from(value).toString('base64');
    delete secret.stringData;
  },
  validate: (object) => {
    const { data = {}, type = '' } = object as Secret;
    const errors = validateKeys(data, 'data');
    const size = Object.values(data).reduce((sum, value) => sum + base64Bytes(value), 0);
    if (size > maxBytes) errors.push(tooLong('data', maxBytes));
    for (const group of requiredKeys[type] ?? []) if (!group.some((key) => key in data)) errors.push(required(`data[${group[0]}]`));
    if (type === 'kubernetes.io/service-account-token' && !object.metadata.annotations?.['kubernetes.io/service-account.name']) {
      errors.push(required('metadata.annotations[kubernetes.io/service-account.name]'));
    }
    return errors;
  },
  validateUpdate: (object, old) => [...immutable('type', object.type, old.type), ...validateFrozen(object, old, ['data'])],
  selectableFields: (object) => ({ type: (object as Secret).type ?? '' }),
};

function validateKeys(values: Record<string, unknown>, field: string): FieldError[] {
  return Object.keys(values).flatMap((key) => invalidAll(`${field}[${key}]`, key, configKey(key)));
}

function base64Bytes(text: string): number {
  return Buffer.byteLength(text, 'base64');
}

function validateFrozen(object: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (old.immutable !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  return [...(object.immutable === true ? [] : ['immutable']), ...fields.filter((field) => !deepEqual(object[field] ?? {}, old[field] ?? {}))].map((field) =>
    forbiddenField(field, detail),
  );
}
