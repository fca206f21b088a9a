import type { Findings } from '../findings.ts';
import { architectureOf, type SpecCatalog } from '../provider-view.ts';
import { hintFor } from '../schema.ts';
import type { InstanceGroup } from '../types.ts';

/** Machines of one group: all of one architecture, and its image of the same. */
export function checkMachineTypes({ spec }: InstanceGroup, catalog: SpecCatalog, findings: Findings): void {
  const policy = (spec.mixedInstancesPolicy ?? {}) as { instances?: string[]; onDemandBase?: number };
  const primary = spec.machineType?.split(',') ?? [];
  const architectures = new Map<string, string>();
  const look = (type: string, path: string) => {
    const architecture = architectureOf(catalog, type);
    if (architecture) architectures.set(architecture, type);
    else findings.error(path, `${type} is not a known machine type`, hintFor(type, catalog.machineTypes.keys()));
  };
  for (const type of primary) look(type, 'spec.machineType');
  for (const [i, type] of (policy.instances ?? []).entries()) if (!primary.includes(type)) look(type, `spec.mixedInstancesPolicy.instances[${i}]`);
  if (architectures.size > 1) {
    const list = [...architectures].map(([architecture, type]) => `${type} is ${architecture}`).join(', ');
    findings.error(policy.instances ? 'spec.mixedInstancesPolicy.instances' : 'spec.machineType', `machine types of one group must have one architecture: ${list}`);
  }
  if (policy.onDemandBase !== undefined && spec.maxSize !== undefined && policy.onDemandBase > spec.maxSize)
    findings.error('spec.mixedInstancesPolicy.onDemandBase', `${policy.onDemandBase} is more than maxSize ${spec.maxSize}`);
  const [architecture] = architectures.keys();
  const ofImage = architectureOfImage(spec.image ?? '');
  if (architectures.size === 1 && ofImage !== undefined && ofImage !== architecture)
    findings.error('spec.image', `is for ${ofImage}, but ${primary[0] ?? policy.instances?.[0]} is ${architecture}`, `use the image for ${architecture}, or another machine type`);
}

/** Images say it in their names; ids say nothing. */
function architectureOfImage(image: string): string | undefined {
  const word = /(?:^|[-_/.])(amd64|x86_64|arm64|aarch64)(?:[-_/.]|$)/.exec(image)?.[1];
  if (word === undefined) return undefined;
  return word === 'amd64' || word === 'x86_64' ? 'amd64' : 'arm64';
}
