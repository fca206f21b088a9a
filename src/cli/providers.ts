import type { ProviderModule } from '../cloud/provider.ts';
import type { Environment } from '../lib/environment.ts';
import { KopsError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';
import type { ProviderRegistry } from '../operations/operator.ts';

type ProviderImport = () => Promise<{ default: ProviderModule }>;

/** The clouds that come with kops-ts; each is loaded when it is first asked for. The only place that names them. */
const builtIns: Readonly<Record<string, ProviderImport>> = {
  local: () => import('../../providers/local/index.ts'),
  aws: () => import('../../providers/aws/index.ts'),
};

/** Whose prices stand beside those of a cloud that costs nothing. */
const comparedWith = 'aws';

export const providerNames: readonly string[] = Object.keys(builtIns);

export const providers: ProviderRegistry = {
  load,
  ofZones: async (zones) => {
    for (const name of providerNames) {
      const { spec } = await load(name);
      if (zones.every((zone) => spec.ownsZone(zone))) return name;
    }
    throw await unknownZones(zones);
  },
  comparison: () => load(comparedWith),
};

/** Brings back what should run on this machine and does not: whatever the command, clusters are as they were left. */
export async function reviveProviders(context: Environment & { home: string }): Promise<void> {
  for (const name of providerNames) await (await load(name)).revive?.(context);
}

async function load(name: string): Promise<ProviderModule> {
  const found = Object.hasOwn(builtIns, name) ? builtIns[name] : undefined;
  if (found) return (await found()).default;
  const near = nearest(name, providerNames);
  throw new KopsError(`there is no cloud provider ${JSON.stringify(name)}${near === undefined ? '' : `: did you mean ${near}?`}`, {
    code: 'UNKNOWN_PROVIDER',
    exit: 'usage',
    object: name,
    expected: providerNames.join(', '),
    suggestions: [`Use one of ${providerNames.join(', ')}: --cloud ${near ?? providerNames[0]}`],
  });
}

/** Either zones that nobody has, or zones of several clouds. */
async function unknownZones(zones: readonly string[]): Promise<KopsError> {
  const owners = new Map<string, string>();
  for (const name of providerNames) {
    const { spec } = await load(name);
    for (const zone of zones) if (spec.ownsZone(zone) && !owners.has(zone)) owners.set(zone, name);
  }
  const lost = zones.filter((zone) => !owners.has(zone));
  if (lost.length === 0) {
    const list = zones.map((zone) => `${zone} is a zone of ${owners.get(zone)}`).join(', ');
    return new KopsError(`zones of several clouds cannot make one cluster: ${list}`, {
      code: 'MIXED_CLOUDS',
      exit: 'usage',
      object: zones.join(','),
      suggestions: ['Use zones of one cloud, or --cloud.'],
    });
  }
  return new KopsError(`${lost.map((zone) => JSON.stringify(zone)).join(', ')} ${lost.length === 1 ? 'is not a zone' : 'are not zones'} of any cloud`, {
    code: 'UNKNOWN_ZONE',
    exit: 'usage',
    object: lost.join(','),
    expected: 'a region and a letter, such as local-1a or us-east-1a',
    suggestions: ['A zone is a region and a letter: local-1a, us-east-1a.', `Any zone can be rehearsed here: --cloud local --zones ${lost[0]}`].slice(0, 1),
  });
}
