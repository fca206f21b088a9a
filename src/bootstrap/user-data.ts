import { KopsError } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';
import { formatYaml, parseYaml } from '../lib/yaml.ts';
import type { BootConfig } from './node-config.ts';

const header = '#kops-ts boot config';

/** The text an instance gets as its user data. Its first line says what it is. */
export function formatUserData(config: BootConfig): string {
  return `${header}\n${formatYaml(config)}`;
}

/** Throws INVALID_USER_DATA when the text is not one of ours. */
export function parseUserData(text: string): BootConfig {
  const value = text.startsWith(header) ? parseYaml(text, 'the user data') : undefined;
  if (!isPlainObject(value) || typeof value.nodeupConfigHash !== 'string' || !isPlainObject(value.apiServer)) {
    throw new KopsError('the user data of this instance is not a kops-ts boot config', {
      code: 'INVALID_USER_DATA',
      exit: 'invalid',
      suggestions: ['Run `kops-ts update cluster --yes`, then replace the instance.'],
    });
  }
  return value as unknown as BootConfig;
}
