import { describe, expect, it } from 'vitest';
import { explain, formatExplained } from '../../../src/cli/views/explain.ts';
import { completeCluster } from '../../../src/spec/complete.ts';
import { newCluster } from '../../../src/spec/new-cluster.ts';
import { applySettings } from '../../../src/spec/set.ts';
import { validateCompleted } from '../../../src/spec/validate.ts';
import { catalog, context, providerSpec } from './test-provider.ts';

const made = newCluster({ name: 'a.example.com', cloud: 'test', zones: ['us-test-1a'], configBase: 'memory://x/a.example.com' });
const completed = (set: string[], groupSet: string[] = []) =>
  completeCluster({ cluster: applySettings(made.cluster, { set }), instanceGroups: made.instanceGroups.map((group) => applySettings(group, { set: groupSet })) }, context);

describe('fields that nothing acts on', () => {
  it('are named in a warning, one for each object', () => {
    const findings = validateCompleted(
      completed(['spec.kubeAPIServer.auditLogPath=/x', 'spec.kubelet.maxPods=20', 'spec.ntp.managed=true'], ['spec.tenancy=dedicated']),
      catalog,
      providerSpec,
    );
    expect(findings.map(({ severity, object, path, message }) => [severity, object, path, message])).toEqual([
      ['warning', 'Cluster/a.example.com', 'spec', 'kept as they are, but nothing acts on kubeAPIServer.auditLogPath, ntp yet'],
      ['warning', 'InstanceGroup/control-plane-us-test-1a', 'spec', 'kept as it is, but nothing acts on tenancy yet'],
      ['warning', 'InstanceGroup/nodes-us-test-1a', 'spec', 'kept as it is, but nothing acts on tenancy yet'],
    ]);
  });

  it('are not those of a new cluster, nor those its cloud acts on', () => {
    expect(validateCompleted(completed([]), catalog, providerSpec)).toEqual([]);
    const actsOn = { cluster: ['ntp'], instanceGroup: ['tenancy'] };
    expect(validateCompleted(completed(['spec.ntp.managed=true'], ['spec.tenancy=dedicated']), catalog, { ...providerSpec, actsOn })).toEqual([]);
  });
});

describe('every value of a completed spec', () => {
  it('has a source', () => {
    const values = explain(completed(['spec.networkCIDR=10.0.0.0/16']));
    const source = (object: string, path: string) => values.find((value) => value.object === object && value.path === path)?.source;
    expect(source('Cluster/a.example.com', 'spec.networkCIDR')).toBe('user');
    expect(source('Cluster/a.example.com', 'spec.podCIDR')).toBe('default');
    expect(source('Cluster/a.example.com', 'spec.subnets[0].cidr')).toBe('default');
    expect(source('Cluster/a.example.com', 'spec.subnets[0].name')).toBe('user');
    expect(source('InstanceGroup/nodes-us-test-1a', 'spec.machineType')).toBe('provider');
  });

  it('is printed with it', () => {
    expect(formatExplained([completed([])])).toContain('spec.podCIDR');
    expect(
      formatExplained([completed([])])
        .split('\n')[0]
        ?.split(/ {3,}/),
    ).toEqual(['OBJECT', 'FIELD', 'VALUE', 'SOURCE']);
  });
});
