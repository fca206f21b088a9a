import type { UserSpecs } from '../../spec/complete.ts';

/** After a preview of a new cluster: what can be looked at and changed before it is built. */
export function afterCreate({ cluster, instanceGroups }: UserSpecs): string {
  const { name } = cluster.metadata;
  const first = (role: string) => instanceGroups.find((group) => group.spec.role === role)?.metadata.name;
  const lines = [
    `Cluster ${name} is stored; nothing runs and nothing costs yet.`,
    '',
    'Suggestions:',
    ' * list your clusters:              kops-ts get clusters',
    ` * edit this cluster:               kops-ts edit cluster ${name}`,
    ` * edit your node instance group:   kops-ts edit ig --name=${name} ${first('Node')}`,
    ` * edit your control plane group:   kops-ts edit ig --name=${name} ${first('Master')}`,
    '',
    `Build it with: kops-ts update cluster --name ${name} --yes`,
  ];
  return `${lines.join('\n')}\n`;
}

/** After the first apply: what to try next. */
export function afterApply(name: string, { ready }: { ready: boolean }): string {
  const lines = [
    ready ? `Cluster ${name} is ready.` : `Cluster ${name} is starting.`,
    '',
    'Try next:',
    ...(ready ? [] : [' * wait until it is ready:   kops-ts validate cluster --wait 10m']),
    ' * list its nodes:           kubectl get nodes -o wide',
    ' * run something:            kubectl create deployment web --image nginx --replicas 3',
    ' * reach it:                 kubectl expose deployment web --port 80 --type LoadBalancer, then curl the address of kubectl get svc web',
    ` * delete it all:            kops-ts delete cluster ${name} --yes`,
  ];
  return `${lines.join('\n')}\n`;
}

/** After a phase that others follow. */
export function afterPhase(name: string, phase: 'network' | 'security'): string {
  const next = phase === 'network' ? 'security' : 'cluster';
  return `The ${phase} of cluster ${name} is done. Next: kops-ts update cluster ${name} --phase ${next} --yes\n`;
}

/** After a later apply. */
export function afterUpdate(name: string, options: { rolls: boolean }): string {
  const roll = options.rolls
    ? '\nMachines that run keep the old configuration until they are replaced: kops-ts get instances shows NeedsUpdate, kops-ts delete instance replaces one.\n'
    : '';
  return `Cluster ${name} is updated.\n${roll}`;
}
