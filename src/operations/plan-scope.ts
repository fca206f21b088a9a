import type { Phase, ResourceKind } from '../cloud/provider.ts';
import type { ActualResource, Lifecycle } from '../cloud/resource.ts';
import { KopsError } from '../lib/errors.ts';
import { nearest } from '../lib/text.ts';
import type { PlanScope } from '../plan/plan.ts';
import type { InstanceGroup, InstanceGroupRole } from '../spec/types.ts';
import { instanceGroupNotFound } from '../state/state-errors.ts';

/** What an update is to be about, in the words of the command line. */
export interface ScopeOptions {
  /** Delete what is ours and in no spec any more. */
  prune?: boolean;
  /** Names; none: all. */
  instanceGroups?: readonly string[];
  /** `node`, `control-plane`, `apiserver`, `bastion`; with names, a group must be meant by both. */
  instanceGroupRoles?: readonly string[];
  /** `Network=Ignore` */
  lifecycleOverrides?: readonly string[];
  /** Only what is the work of this phase; an override is stronger. */
  phase?: Phase;
}

/** What the options speak about. */
export interface ScopeSubject {
  clusterName: string;
  groups: readonly InstanceGroup[];
  actual: readonly ActualResource[];
  kinds: ReadonlyMap<string, ResourceKind>;
}

/** Throws INSTANCE_GROUP_NOT_FOUND, or a usage error with the nearest name. */
export function planScope(options: ScopeOptions, subject: ScopeSubject): PlanScope {
  const groups = chosenGroups(options, subject);
  const kinds = [...subject.kinds.keys()];
  const overrides = { ...phaseLifecycles(options.phase, subject.kinds), ...Object.fromEntries((options.lifecycleOverrides ?? []).map((text) => parseOverride(text, kinds))) };
  return {
    prune: options.prune ?? false,
    ...(groups === undefined ? {} : { instanceGroups: groups }),
    ...(Object.keys(overrides).length === 0 ? {} : { lifecycleOverrides: Object.fromEntries(Object.entries(overrides).sort()) }),
  };
}

/** As in kops: a phase makes its own things, expects those of earlier phases and leaves those of later ones alone. */
const lifecyclesOfOthers: Readonly<Record<Phase, Partial<Record<Phase, Lifecycle>>>> = {
  network: { security: 'Ignore', cluster: 'Ignore' },
  security: { network: 'ExistsAndWarnIfChanges', cluster: 'Ignore' },
  cluster: { network: 'ExistsAndValidates', security: 'ExistsAndValidates' },
};

function phaseLifecycles(phase: Phase | undefined, kinds: ReadonlyMap<string, ResourceKind>): Record<string, Lifecycle> {
  if (phase === undefined) return {};
  const lifecycles = [...kinds.values()].map((kind) => [kind.kind, lifecyclesOfOthers[phase][kind.phase ?? 'cluster']] as const);
  return Object.fromEntries(lifecycles.filter((entry): entry is [string, Lifecycle] => entry[1] !== undefined));
}

/** Groups that are gone from the specs can be named, too: their leftovers are what --prune deletes. */
function chosenGroups({ instanceGroups = [], instanceGroupRoles = [] }: ScopeOptions, { clusterName, groups, actual }: ScopeSubject): string[] | undefined {
  if (instanceGroups.length === 0 && instanceGroupRoles.length === 0) return undefined;
  const specified = groups.map((group) => group.metadata.name);
  const names = new Set([...specified, ...actual.flatMap((resource) => resource.instanceGroup ?? [])]);
  for (const name of instanceGroups) if (!names.has(name)) throw instanceGroupNotFound(name, clusterName, [...names]);
  const roles = new Set(instanceGroupRoles.map(parseRole));
  const ofRole = (name: string) => roles.size === 0 || groups.some((group) => group.metadata.name === name && roles.has(group.spec.role));
  return [...names].filter((name) => (instanceGroups.length === 0 || instanceGroups.includes(name)) && ofRole(name)).sort();
}

const roleNames: Readonly<Record<string, InstanceGroupRole>> = {
  node: 'Node',
  'control-plane': 'Master',
  controlplane: 'Master',
  master: 'Master',
  apiserver: 'APIServer',
  'api-server': 'APIServer',
  bastion: 'Bastion',
};

function parseRole(text: string): InstanceGroupRole {
  const role = roleNames[text.toLowerCase()];
  if (role) return role;
  throw unknownWord('--instance-group-roles', text, 'role', ['node', 'control-plane', 'apiserver', 'bastion']);
}

const lifecycles: readonly Lifecycle[] = ['Sync', 'Ignore', 'ExistsAndValidates', 'ExistsAndWarnIfChanges', 'WarnIfInsufficientAccess'];

function parseOverride(text: string, kinds: readonly string[]): [string, Lifecycle] {
  const [kind = '', lifecycle = ''] = text.split('=');
  const known = lifecycles.find((name) => name === lifecycle);
  if (!kinds.includes(kind)) throw unknownWord('--lifecycle-overrides', kind, 'resource kind', kinds);
  if (!known) throw unknownWord('--lifecycle-overrides', lifecycle, 'lifecycle', lifecycles);
  return [kind, known];
}

function unknownWord(flag: string, word: string, what: string, known: readonly string[]): KopsError {
  const near = nearest(word, known);
  return new KopsError(`${flag}: there is no ${what} ${JSON.stringify(word)}${near === undefined ? '' : `: did you mean ${near}?`}`, {
    code: 'USAGE',
    exit: 'usage',
    object: word,
    expected: `one of ${known.join(', ')}`,
  });
}
