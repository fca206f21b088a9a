import { fieldsWithoutEffect } from './acted-on.ts';
import { Findings } from './findings.ts';
import type { SpecCatalog, SpecRules } from './provider-view.ts';
import { checkAccess } from './rules/access.ts';
import { checkAddons, checkPermissions } from './rules/addons.ts';
import { checkAuthentication, checkExternalDns } from './rules/authentication.ts';
import { checkChoices } from './rules/choices.ts';
import { checkComponents } from './rules/components.ts';
import { checkContainerd } from './rules/containerd.ts';
import { checkEtcd } from './rules/etcd.ts';
import { checkHosts, checkMachines } from './rules/hosts.ts';
import { checkIdentity } from './rules/identity.ts';
import { checkInstanceGroup, checkInstanceGroups } from './rules/instance-groups.ts';
import { checkKubelet } from './rules/kubelet.ts';
import { checkNetwork } from './rules/network.ts';
import { checkNetworking } from './rules/networking.ts';
import { checkAuthorization, checkSettings } from './rules/settings.ts';
import { checkSubnets } from './rules/subnets.ts';
import { checkWarmPool } from './rules/warm-pool.ts';
import { checkShape } from './schema.ts';
import type { Cluster, CompletedCluster, Finding, InstanceGroup } from './types.ts';

/** Shape of what the user wrote: unknown fields, wrong types. The first layer; the others need a sound shape. */
export function validateShape(user: { cluster: Cluster; instanceGroups: readonly InstanceGroup[] }): Finding[] {
  return [user.cluster, ...user.instanceGroups].flatMap((object) => checkShape(object, object.kind));
}

/** All findings of the pure rules, the catalog and the provider's own rules, on a completed spec. Offline. */
export function validateCompleted(completed: CompletedCluster, catalog: SpecCatalog, providerSpec: SpecRules): Finding[] {
  const { cluster, instanceGroups } = completed;
  const findings = new Findings(`Cluster/${cluster.metadata.name}`);
  checkIdentity(cluster, catalog, findings);
  checkNetwork(cluster, findings);
  checkSubnets(cluster, catalog, findings);
  checkAccess(cluster, findings);
  checkSettings(cluster, findings);
  checkAuthorization(cluster, findings);
  checkEtcd(cluster, instanceGroups, findings);
  checkNetworking(cluster, findings);
  checkComponents(cluster, findings);
  checkContainerd(cluster, findings);
  checkKubelet(cluster.spec.kubelet, 'spec.kubelet', findings);
  checkKubelet(cluster.spec.masterKubelet, 'spec.masterKubelet', findings);
  checkAuthentication(cluster, findings);
  checkExternalDns(cluster, findings);
  checkWarmPool(cluster, findings);
  checkAddons(cluster, findings);
  checkPermissions(cluster, findings);
  checkHosts(cluster, findings);
  checkChoices(cluster, findings);
  checkInstanceGroups(instanceGroups, findings);
  const groups = instanceGroups.flatMap((group) => {
    const own = new Findings(`InstanceGroup/${group.metadata.name}`);
    checkInstanceGroup(group, cluster, catalog, own);
    checkSettings(group, own);
    checkMachines(group, own);
    checkHosts(group, own);
    checkWarmPool(group, own);
    checkContainerd(group, own);
    checkKubelet(group.spec.kubelet, 'spec.kubelet', own, { ...cluster.spec.kubelet, ...(group.spec.role === 'Master' ? (cluster.spec.masterKubelet as object | undefined) : {}) });
    checkChoices(group, own);
    return own.list;
  });
  const ours = [...findings.list, ...groups, ...fieldsWithoutEffect(completed, providerSpec)];
  // A provider may say again what the catalog has said.
  const said = new Set(ours.map((finding) => `${finding.object} ${finding.path}`));
  return [...ours, ...providerSpec.validate(completed).filter((finding) => !said.has(`${finding.object} ${finding.path}`))];
}
