import { describe, expect, it } from 'vitest';
import { awsSpec } from '../../../providers/aws/spec.ts';
import { localSpec } from '../../../providers/local/spec.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import { type Field, fieldTree } from '../../../src/spec/field-tree.ts';
import { type NewClusterOptions, newCluster } from '../../../src/spec/new-cluster.ts';
import type { SpecRules } from '../../../src/spec/provider-view.ts';
import { clusterChoices, instanceGroupChoices, instanceGroupRanges } from '../../../src/spec/rules/choices.ts';
import type { InstanceGroup } from '../../../src/spec/types.ts';
import { validateCompleted, validateShape } from '../../../src/spec/validate.ts';
import { catalog, context, providerSpec } from './test-provider.ts';

type Fields = Record<string, unknown>;

interface Case {
  options?: Partial<NewClusterOptions>;
  node?: Fields;
  rules?: SpecRules;
}

/** Errors of a cluster whose workers have these fields on top. Its shape is sound. */
function errors({ options, node = {}, rules = providerSpec }: Case): string[] {
  const made = newCluster({ name: 'a.example.com', cloud: 'test', zones: ['us-test-1a'], configBase: 'memory://x', ...options });
  const user = {
    cluster: made.cluster,
    instanceGroups: made.instanceGroups.map((group): InstanceGroup => (group.spec.role === 'Node' ? { ...group, spec: { ...group.spec, ...node } } : group)),
  };
  expect(validateShape(user)).toEqual([]);
  const findings = validateCompleted(completeCluster(user, { ...context, providerSpec: rules }), catalog, rules);
  return findings.filter(({ severity }) => severity === 'error').map(({ path, message }) => `${path}: ${message}`);
}

describe('tables of choices', () => {
  it('hold for every field there is', () => {
    const known = (kind: string, path: string) =>
      ['spec', ...path.split('.')].reduce<Field | undefined>((field, name) => field?.fields.get(name), fieldTree().get(kind)) !== undefined;
    expect(Object.keys(clusterChoices).filter((path) => !known('Cluster', path))).toEqual([]);
    expect(Object.keys({ ...instanceGroupChoices, ...instanceGroupRanges }).filter((path) => !known('InstanceGroup', path))).toEqual([]);
  });
});

describe('what is sound', () => {
  it.each<[string, Partial<NewClusterOptions>]>([
    ['IPv6', { ipv6: true, networking: 'calico' }],
    ['private with bastions', { topology: 'private', bastion: true, egress: 'nat-1' }],
    ['native pod addresses', { networking: 'amazonvpc' }],
    ['cilium on etcd', { networking: 'cilium-etcd' }],
    ['kube-router', { networking: 'kube-router' }],
    ['public names', { dns: 'public', dnsZone: 'example.com' }],
  ])('passes: %s', (_what, options) => expect(errors({ options })).toEqual([]));
});

describe('clouds', () => {
  it('have rules of their own: aws', () => {
    const wrong = errors({ options: { networkId: 'x' }, node: { additionalSecurityGroups: ['web'], image: 'a b:c' }, rules: awsSpec });
    expect(wrong).toEqual([
      'spec.networkID: x is not the id of a VPC',
      'spec.image: a b:c is not the name of an image',
      'spec.additionalSecurityGroups[0]: "web" is not the id of a security group',
    ]);
  });

  it('have rules of their own: the local one says what it cannot run', () => {
    const wrong = errors({ options: { ipv6: true, networking: 'calico', networkId: 'vpc-1', controlPlaneSize: 't3.medium', sshAccess: ['pl-1'] }, rules: localSpec });
    expect(wrong).toEqual([
      'spec.networkID: the local cloud has no networks that exist already',
      'spec.sshAccess[0]: the local cloud has no prefix lists',
      'spec.nonMasqueradeCIDR: the local cloud has no IPv6',
    ]);
  });
});
