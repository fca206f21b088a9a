import type { Container, Pod } from '../../../kube/objects.ts';
import type { UserInfo } from '../../../kube/request.ts';
import type { AuthorizationAttributes } from '../policy.ts';
import { nodeRules } from './node-rules.ts';
import { ruleAllows } from './rules.ts';

type Json = Record<string, unknown>;

const userPrefix = 'system:node:';
const readVerbs = ['get', 'list', 'watch'];
const leaseVerbs = ['get', 'create', 'update', 'patch', 'delete'];

/** The node's name when the user is a kubelet. */
export function nodeNameOf({ name, groups }: UserInfo): string | undefined {
  return groups.includes('system:nodes') && name.startsWith(userPrefix) ? name.slice(userPrefix.length) : undefined;
}

/** A kubelet reaches what its own pods use, its own lease, and what every node needs; for anything else RBAC is asked. */
export function createNodeAuthorizer(lookup: { podsOnNode(node: string): Iterable<Pod> }): (attributes: AuthorizationAttributes) => boolean {
  return (attributes) => {
    const node = nodeNameOf(attributes.user);
    if (node === undefined || attributes.path !== undefined) return false;
    const { group, resource, subresource, verb, namespace, name } = attributes;
    const key = `${group}/${resource}`;
    if (key === '/secrets' || key === '/configmaps') {
      return subresource === undefined && readVerbs.includes(verb) && name !== undefined && uses(lookup.podsOnNode(node), namespace, resource, name);
    }
    if (key === '/serviceaccounts') {
      const isToken = verb === 'create' && subresource === 'token';
      const isRead = verb === 'get' && subresource === undefined;
      return (isToken || isRead) && name !== undefined && uses(lookup.podsOnNode(node), namespace, resource, name);
    }
    if (key === 'coordination.k8s.io/leases') return leaseVerbs.includes(verb) && namespace === 'kube-node-lease' && (name === node || (verb === 'create' && name === undefined));
    return nodeRules.some((rule) => ruleAllows(rule, attributes));
  };
}

function uses(pods: Iterable<Pod>, namespace: string | undefined, resource: string, name: string): boolean {
  for (const pod of pods) {
    if (pod.metadata.namespace !== namespace) continue;
    if (resource === 'serviceaccounts' ? pod.spec.serviceAccountName === name : referenced(pod, resource === 'secrets' ? secretNames : configMapNames, name)) return true;
  }
  return false;
}

interface SourceNames {
  envFrom: string;
  keyRef: string;
  volume: string;
  /** Field of the volume source that holds the name. */
  volumeField: string;
}

const secretNames: SourceNames = { envFrom: 'secretRef', keyRef: 'secretKeyRef', volume: 'secret', volumeField: 'secretName' };
const configMapNames: SourceNames = { envFrom: 'configMapRef', keyRef: 'configMapKeyRef', volume: 'configMap', volumeField: 'name' };

function referenced({ spec }: Pod, names: SourceNames, name: string): boolean {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  if (containers.some((container) => inEnvironment(container, names, name))) return true;
  if (names === secretNames && ((spec.imagePullSecrets as { name?: string }[] | undefined) ?? []).some((secret) => secret.name === name)) return true;
  return (spec.volumes ?? []).some((volume) => {
    if ((volume[names.volume] as Json | undefined)?.[names.volumeField] === name) return true;
    const sources = ((volume.projected as Json | undefined)?.sources as Json[] | undefined) ?? [];
    return sources.some((source) => (source[names.volume] as Json | undefined)?.name === name);
  });
}

function inEnvironment(container: Container, names: SourceNames, name: string): boolean {
  const sources = (container.envFrom as Json[] | undefined) ?? [];
  if (sources.some((source) => (source[names.envFrom] as Json | undefined)?.name === name)) return true;
  return (container.env ?? []).some(({ valueFrom }) => ((valueFrom as Json | undefined)?.[names.keyRef] as Json | undefined)?.name === name);
}
