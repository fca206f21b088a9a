import { KopsError } from '../lib/errors.ts';
import { isPlainObject } from '../lib/json.ts';
import { nearest } from '../lib/text.ts';
import { parseYaml } from '../lib/yaml.ts';
import { type Usage, usageQuantities } from './usage-kinds.ts';

/** Clusters as they are: one that is tried out, one of a team, one that serves the public. */
export const usageProfiles: Readonly<Record<string, Usage>> = {
  small: {
    loadBalancerCapacityUnits: 0.1,
    natGatewayGb: 50,
    interZoneGb: 100,
    internetGb: 50,
    dnsQueries: 1e6,
    encryptionRequests: 1e4,
    objectStorageGb: 1,
    objectPuts: 1e4,
    objectGets: 1e5,
    queueRequests: 1e6,
  },
  medium: {
    loadBalancerCapacityUnits: 1,
    natGatewayGb: 250,
    interZoneGb: 1000,
    internetGb: 500,
    dnsQueries: 1e7,
    encryptionRequests: 1e5,
    objectStorageGb: 10,
    objectPuts: 1e5,
    objectGets: 1e6,
    queueRequests: 5e6,
  },
  large: {
    loadBalancerCapacityUnits: 10,
    natGatewayGb: 2500,
    interZoneGb: 10_000,
    internetGb: 5000,
    dnsQueries: 1e8,
    encryptionRequests: 1e6,
    objectStorageGb: 100,
    objectPuts: 1e6,
    objectGets: 1e7,
    queueRequests: 2.5e7,
  },
};

/** Quantities of a month from a YAML or JSON text. Throws INVALID_USAGE with every problem, USAGE for an empty one. */
export function parseUsage(text: string, file: string): Usage {
  const value = parseYaml(text, file);
  if (!isPlainObject(value)) throw invalid(file, ['it is not a map of quantities']);
  const problems = Object.entries(value).flatMap(([name, quantity]) => problemOf(name, quantity));
  if (problems.length > 0) throw invalid(file, problems);
  return value as Usage;
}

function problemOf(name: string, quantity: unknown): string[] {
  if (!Object.hasOwn(usageQuantities, name)) {
    const near = nearest(name, Object.keys(usageQuantities));
    return [`${name} is not a quantity${near === undefined ? '' : `: did you mean ${near}?`}`];
  }
  if (typeof quantity === 'number' && Number.isFinite(quantity) && quantity >= 0) return [];
  return [`${name}: ${JSON.stringify(quantity)} is not a number from 0 up`];
}

function invalid(file: string, problems: readonly string[]): KopsError {
  return new KopsError(`${file} says no usage: ${problems.join('; ')}`, {
    code: 'INVALID_USAGE',
    exit: 'invalid',
    object: file,
    expected: `quantities of a month: ${Object.keys(usageQuantities).join(', ')}`,
    suggestions: ['A file as small as this will do: natGatewayGb: 200', `Or one of ${Object.keys(usageProfiles).join(', ')}: --usage medium`],
  });
}
