import { describe, expect, it } from 'vitest';
import { checkBoot } from '../../../providers/aws/bootstrap/boot-findings.ts';
import { workerRoles } from '../../../providers/aws/bootstrap/worker-roles.ts';
import { Findings } from '../../../src/spec/findings.ts';
import type { InstanceGroup } from '../../../src/spec/types.ts';
import { bootInput, clusterName } from './boot-input.ts';

const etcd = (members: number, main: object = {}) => ({
  etcdClusters: ['main', 'events'].map((name) => ({
    name,
    ...(name === 'main' ? main : {}),
    etcdMembers: ['a', 'b', 'c'].slice(0, members).map((member) => ({ name: member, instanceGroup: 'x' })),
  })),
});

describe('what nodeup does not run', () => {
  const findings = (members: number, role: InstanceGroup['spec']['role'] = 'Node', podCIDR = '100.96.0.0/11', main: object = {}) => {
    const { completed } = bootInput({ cluster: { ...etcd(members, main), podCIDR }, nodes: { role } });
    const found = new Findings(`Cluster/${clusterName}`);
    checkBoot(completed.cluster, completed.instanceGroups, found);
    return found.list.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
  };

  it('is said before anything is made', () => {
    expect(findings(1)).toEqual([]);
    expect(findings(3)).toEqual([]);
    expect(findings(1, 'Node', undefined, { version: '3.4.3' })).toEqual([]);
    const unknown = [expect.stringMatching(/^warning spec\.etcdClusters\[0\]\.version: nodeup knows no checksum of etcd 3\.4\.3 and runs no other/)];
    expect(findings(3, 'Node', undefined, { version: 'v3.4.3' })).toEqual(unknown);
    expect(findings(3, 'Node', undefined, { version: '3.5.21' })).toEqual([]);
    expect(findings(3, 'Node', undefined, { version: '3.5.21', image: 'mine/etcd:1' })).toEqual([expect.stringContaining('not an image')]);
    for (const podCIDR of ['172.20.0.0/16', '::/0'])
      expect(findings(1, 'Node', podCIDR)).toEqual([expect.stringMatching(/^warning spec\.podCIDR: .*no node of this cluster runs$/)]);
    expect(findings(1, 'APIServer')).toEqual([expect.stringMatching(/^warning spec: .*group nodes-us-east-1a stay without a node$/)]);
  });
});

describe('who may join', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['the role of the cluster', {}, [`nodes.${clusterName}`]],
    ['roles of an instance profile', { iam: { profile: 'arn:aws:iam::123456789012:instance-profile/own' } }, ['first', 'second']],
    ['the name of a profile that was not looked up', { iam: { profile: 'arn:aws:iam::123456789012:instance-profile/unknown' } }, ['unknown']],
  ])('%s', (_what, nodes, roles) => {
    expect(workerRoles(bootInput({ nodes }).completed, { instanceProfiles: { own: { roles: ['second', 'first'] } } })).toEqual(roles);
  });
});
