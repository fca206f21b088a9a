import type { Catalog } from '../../cloud/catalog.ts';
import { KopsError } from '../../lib/errors.ts';
import { nearest } from '../../lib/text.ts';
import type { Cluster, InstanceGroup } from '../../spec/types.ts';
import { arm64 } from './arm64.ts';
import { gp3 } from './gp3.ts';
import { highAvailability } from './high-availability.ts';
import { inRegion } from './region.ts';
import { singleNat } from './single-nat.ts';
import { spot } from './spot.ts';

/** A completed cluster, in which a what-if changes what it is about. */
export interface WhatIfSpecs {
  cluster: Cluster;
  instanceGroups: readonly InstanceGroup[];
}

export interface WhatIfResult extends WhatIfSpecs {
  /** What could not be done, or is already so. */
  notes: string[];
}

/** Specs → other specs; pure, and never stored. */
export type WhatIf = (specs: WhatIfSpecs, catalog: Catalog) => WhatIfResult;

/** One row of a comparison: `spot+arm64`. */
export interface Scenario {
  name: string;
  change: WhatIf;
  /** Where it would be, when it says so. */
  region?: string;
}

const plain: Readonly<Record<string, WhatIf>> = { spot, arm64, ha: highAvailability, 'single-nat': singleNat, gp3 };

export const whatIfNames: readonly string[] = [...Object.keys(plain), 'region=REGION'];

/** `spot,arm64,spot+arm64,region=eu-west-1`: scenarios, each of one or several what-ifs. Throws UNKNOWN_WHAT_IF. */
export function parseScenarios(texts: readonly string[]): Scenario[] {
  return texts.map((text) => {
    const parts = text.split('+').map((part) => part.trim());
    const region = parts.find((part) => part.startsWith('region='))?.slice('region='.length);
    const changes = parts.map(parseWhatIf);
    return { name: text, change: (specs, catalog) => together(changes, specs, catalog), ...(region === undefined ? {} : { region }) };
  });
}

function parseWhatIf(text: string): WhatIf {
  const [name = '', value] = text.split('=');
  const change = Object.hasOwn(plain, name) ? plain[name] : undefined;
  if (change && value === undefined) return change;
  if (name === 'region' && value) return inRegion(value);
  const near = change ? name : nearest(name, ['region', ...Object.keys(plain)]);
  const guess = near === 'region' ? 'region=eu-west-1' : near;
  throw new KopsError(`there is no what-if ${JSON.stringify(text)}${guess === undefined ? '' : `: did you mean ${guess}?`}`, {
    code: 'UNKNOWN_WHAT_IF',
    exit: 'usage',
    object: text,
    expected: whatIfNames.join(', '),
    suggestions: [`Several scenarios: --what-if spot,arm64. Several changes in one: --what-if spot+arm64`],
  });
}

function together(changes: readonly WhatIf[], specs: WhatIfSpecs, catalog: Catalog): WhatIfResult {
  return changes.reduce<WhatIfResult>(
    (result, change) => {
      const next = change(result, catalog);
      return { ...next, notes: [...result.notes, ...next.notes] };
    },
    { ...specs, notes: [] },
  );
}
