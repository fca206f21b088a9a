import { isKopsError, KopsError, messageOf } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';
import { nearest } from '../lib/text.ts';
import { parseYaml } from '../lib/yaml.ts';
import { type SecretStore, secretStore } from '../state/secrets.ts';
import type { Operator } from './operator.ts';

/** What kops lets people keep. */
export type SecretName = 'dockerconfig' | 'encryptionconfig' | 'ciliumpassword';

export interface NamedSecret {
  name: string;
  data: Uint8Array;
}

/** Keeps a secret of the cluster. Throws INVALID_SECRET, and SECRET_EXISTS unless `force`. */
export async function createSecret(operator: Operator, cluster: string, name: SecretName, data: string, options: { force: boolean }): Promise<void> {
  const problem = problemOf(name, data);
  if (problem !== undefined) throw new KopsError(`this is no ${name}: ${problem}`, { code: 'INVALID_SECRET', exit: 'invalid', object: name, expected: forms[name] });
  const secrets = await secretsOf(operator, cluster);
  try {
    await secrets.put(name, Buffer.from(data), options.force ? undefined : 'create');
  } catch (error) {
    if (!isKopsError(error, 'STATE_EXISTS')) throw error;
    throw new KopsError(`failed to create the ${name} secret as it already exists. Pass the \`--force\` flag to replace an existing secret`, {
      code: 'SECRET_EXISTS',
      exit: 'conflict',
      object: name,
      suggestions: [`kops-ts create secret ${name} -f FILE --name ${cluster} --force`],
    });
  }
}

/** Names of all, or of those that are named. Throws SECRET_NOT_FOUND. */
export async function listSecrets(operator: Operator, cluster: string, names: readonly string[] = []): Promise<string[]> {
  const all = await (await secretsOf(operator, cluster)).list();
  for (const name of names) if (!all.includes(name)) throw notFound(cluster, name, all);
  return names.length === 0 ? all : all.filter((name) => names.includes(name));
}

export async function readSecrets(operator: Operator, cluster: string, names: readonly string[]): Promise<NamedSecret[]> {
  const secrets = await secretsOf(operator, cluster);
  const found = await Promise.all((await listSecrets(operator, cluster, names)).map(async (name) => ({ name, data: await secrets.get(name) })));
  return found.flatMap(({ name, data }) => (data ? [{ name, data }] : []));
}

/** Throws SECRET_NOT_FOUND. */
export async function deleteSecret(operator: Operator, cluster: string, name: string): Promise<void> {
  await listSecrets(operator, cluster, [name]);
  await (await secretsOf(operator, cluster)).delete(name);
}

async function secretsOf({ store }: Operator, cluster: string): Promise<SecretStore> {
  await store.getCluster(cluster);
  return secretStore(store.objects, cluster);
}

const forms: Record<SecretName, string> = {
  dockerconfig: 'JSON as in ~/.docker/config.json',
  encryptionconfig: 'YAML of an EncryptionConfiguration',
  ciliumpassword: 'one line that is not empty',
};

function problemOf(name: SecretName, data: string): string | undefined {
  if (data.trim() === '') return 'it is empty';
  try {
    if (name === 'dockerconfig' && !isPlainObject(JSON.parse(data))) return 'it is not a JSON object';
    if (name === 'encryptionconfig' && !isPlainObject(parseYaml(data, name))) return 'it is not a YAML object';
  } catch (error) {
    return messageOf(error);
  }
  return undefined;
}

function notFound(cluster: string, name: string, all: readonly string[]): KopsError {
  const near = nearest(name, all);
  return new KopsError(`secret "${name}" not found in cluster ${cluster}`, {
    code: 'SECRET_NOT_FOUND',
    exit: 'notFound',
    object: name,
    suggestions: [...(near === undefined ? [] : [`Did you mean ${near}?`]), `kops-ts get secrets --name ${cluster}`],
  });
}
