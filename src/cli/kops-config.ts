import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { KopsError, messageOf, systemCode } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';

/**
 * The state store that kops' own configuration file names (`kops_state_store`): `file`, else ~/.kops.yaml, else ~/.kops/config.
 * Undefined when there is none. Throws INVALID_CONFIG for a file that cannot be used.
 */
export async function configuredStateStore(file: string | undefined, variables: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  const home = variables.HOME ?? homedir();
  const candidates = file === undefined ? [join(home, '.kops.yaml'), join(home, '.kops', 'config')] : [file];
  for (const path of candidates) {
    const text = await readConfig(path, file !== undefined);
    if (text !== undefined) return stateStoreOf(text, path);
  }
  return undefined;
}

async function readConfig(path: string, required: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!required && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw invalid(path, messageOf(error));
  }
}

async function stateStoreOf(text: string, path: string): Promise<string | undefined> {
  const { parseYaml } = await import('../lib/yaml.ts');
  const config = text.trim() === '' ? {} : parseYaml(text, path);
  if (!isPlainObject(config)) throw invalid(path, 'it is not a YAML object');
  const { kops_state_store: store } = config;
  if (store === undefined || store === null || store === '') return undefined;
  if (typeof store !== 'string') throw invalid(path, 'kops_state_store is not text');
  return store;
}

function invalid(path: string, why: string): KopsError {
  return new KopsError(`the configuration file ${path} cannot be used: ${why}`, { code: 'INVALID_CONFIG', exit: 'usage', object: path, expected: 'kops_state_store: s3://bucket' });
}
