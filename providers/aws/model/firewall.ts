import type { DesiredResource } from '../../../src/cloud/resource.ts';
import { type AwsContext, subnetsOfType, usesApiLoadBalancer, usesNoDns } from './context.ts';
import { bastionBalancerType, subnetTypesFor } from './load-balancer-subnets.ts';
import { egressAnywhere, everything, ingress, isPrefixList, namedIngress, pathMtu, pathMtuRules, type Rule, ruleResources, tcp, udp } from './rules.ts';
import { loadBalancerPeer, type Peer, peersOf, securityGroups, usesBastion } from './security-groups.ts';

const apiPort = 443;
/** Where the API is reached without the certificate that the load balancer shows on 443. */
const secondaryApiPort = 8443;
const kopsControllerPort = 3988;
const etcdCiliumPort = 4003;
/** etcd: its peers, and its clients, for main and events. Nodes have no business there. */
const etcdPorts = [2380, 2381, 4001, 4002];
const etcdCiliumPeerPort = 2382;
const lastPort = 65535;
const ipInIp = { protocol: '4', fromPort: 0, toPort: 0 };
const defaultNodePorts = '30000-32767';

/** Security groups and who may talk to whom. */
export function firewall(context: AwsContext): DesiredResource[] {
  const rules = [
    ...clusterRules(context),
    ...nodeToControlPlaneRules(context),
    ...accessRules(context),
    ...(usesApiLoadBalancer(context) ? apiBalancerRules(context) : directApiRules(context)),
    ...(usesBastion(context) ? bastionRules(context) : []),
  ];
  return [...securityGroups(context), ...ruleResources(rules)];
}

/** Machines reach everything outside; the control plane reaches all machines, nodes reach nodes. */
function clusterRules(context: AwsContext): Rule[] {
  const [masters, nodes] = [peersOf(context, 'Master'), peersOf(context, 'Node')];
  return [
    ...[...masters, ...nodes].flatMap(egressAnywhere),
    ...pairs(masters, [...masters, ...nodes], (from, to) => [ingress(from, to, everything)]),
    ...pairs(nodes, nodes, (from, to) => [ingress(from, to, everything)]),
  ];
}

/** Nodes and their pods reach the control plane, but not its etcd. */
function nodeToControlPlaneRules(context: AwsContext): Rule[] {
  const networking = (context.spec.networking ?? {}) as Record<string, { etcdManaged?: boolean } | undefined>;
  const closed = [...etcdPorts, ...(networking.cilium?.etcdManaged ? [etcdCiliumPeerPort] : [])];
  const ports = [
    udp(1, lastPort),
    ...openRanges(closed).map(([from, to]) => tcp(from, to)),
    ...(networking.calico || networking.kuberouter ? [ipInIp] : []),
    ...(networking.amazonvpc ? [everything] : []),
  ];
  return pairs(peersOf(context, 'Node'), peersOf(context, 'Master'), (from, to) => ports.map((range) => ingress(from, to, range)));
}

/** All ports but the closed ones, as ranges. */
function openRanges(closed: readonly number[]): [number, number][] {
  const edges = [0, ...[...closed].sort((a, b) => a - b), lastPort + 1];
  return edges.slice(1).flatMap((edge, i): [number, number][] => {
    const from = (edges[i] ?? 0) + 1;
    return from <= edge - 1 ? [[from, edge - 1]] : [];
  });
}

/** SSH goes through the bastion where there is one. */
function accessRules(context: AwsContext): Rule[] {
  const { spec } = context;
  const [masters, nodes] = [peersOf(context, 'Master'), peersOf(context, 'Node')];
  const ssh = usesBastion(context) ? [] : (spec.sshAccess ?? []);
  const [from = 0, to = 0] = nodePorts(context);
  return [
    ...pairs(ssh, [...masters, ...nodes], (source, peer) => [ingress(source, peer, tcp(22))]),
    ...pairs((spec.nodePortAccess as string[] | undefined) ?? [], nodes, (source, peer) => [
      namedIngress(`nodeport-tcp-external-to-node-${source}${peer.suffix}`, source, peer, tcp(from, to)),
      namedIngress(`nodeport-udp-external-to-node-${source}${peer.suffix}`, source, peer, udp(from, to)),
    ]),
  ];
}

function nodePorts({ spec }: AwsContext): number[] {
  const apiServer = spec.kubeAPIServer as { serviceNodePortRange?: string } | undefined;
  return (apiServer?.serviceNodePortRange ?? defaultNodePorts).split('-').map(Number);
}

function directApiRules(context: AwsContext): Rule[] {
  return pairs(context.spec.kubernetesApiAccess ?? [], peersOf(context, 'Master'), (source, peer) => [ingress(source, peer, tcp(apiPort))]);
}

function apiBalancerRules(context: AwsContext): Rule[] {
  const balancer = loadBalancerPeer(context, 'api');
  const access = context.spec.kubernetesApiAccess ?? [];
  const ports = [apiPort, ...(hasCertificate(context) ? [secondaryApiPort] : [])];
  return [
    ...egressAnywhere(balancer),
    ...access.flatMap((source) => [...ports.map((port) => ingress(source, balancer, tcp(port))), ...pathMtuRules('pmtu-api-elb', source, balancer)]),
    ...(usesNoDns(context) ? peersOf(context, 'Node').map((node) => namedIngress(`node${node.suffix}-to-elb`, node, balancer, everything)) : []),
    ...peersOf(context, 'Master').flatMap((master) => balancerToControlPlaneRules(context, balancer, master)),
  ];
}

function balancerToControlPlaneRules(context: AwsContext, balancer: Peer, master: Peer): Rule[] {
  const { suffix } = master;
  const etcdManaged = (context.spec.networking?.cilium as { etcdManaged?: boolean } | undefined)?.etcdManaged;
  return [
    ...(hasCertificate(context) ? [namedIngress(`tcp-api-cp${suffix}`, balancer, master, tcp(secondaryApiPort))] : []),
    namedIngress(`https-elb-to-master${suffix}`, balancer, master, tcp(apiPort)),
    namedIngress(`icmp-pmtu-elb-to-cp${suffix}`, balancer, master, pathMtu),
    namedIngress(`icmp-pmtu-cp${suffix}-to-elb`, master, balancer, pathMtu),
    ...(usesNoDns(context) ? [namedIngress(`kops-controller-elb-to-cp${suffix}`, balancer, master, tcp(kopsControllerPort))] : []),
    ...(usesNoDns(context) && etcdManaged ? [namedIngress(`etcd-cilium-elb-to-cp${suffix}`, balancer, master, tcp(etcdCiliumPort))] : []),
  ];
}

function hasCertificate({ spec }: AwsContext): boolean {
  return Boolean(spec.api?.loadBalancer?.sslCertificate);
}

/** People reach the bastion through its load balancer, whose own addresses check its health, and from it every machine. Here kops has no path MTU rules for a prefix list, unlike before the API. */
function bastionRules(context: AwsContext): Rule[] {
  const balancer = loadBalancerPeer(context, 'bastion');
  const bastions = peersOf(context, 'Bastion');
  const own = subnetsOfType(context, ...subnetTypesFor(bastionBalancerType(context))).flatMap((subnet) => subnet.cidr ?? []);
  return [
    ...bastions.flatMap(egressAnywhere),
    ...egressAnywhere(balancer),
    ...[...own, ...(context.spec.sshAccess ?? [])].flatMap((source) => [
      ingress(source, balancer, tcp(22)),
      ...(isPrefixList(source) ? [] : pathMtuRules('pmtu-ssh-nlb', source, balancer)),
    ]),
    ...bastions.flatMap((bastion) => [ingress(balancer, bastion, tcp(22)), ingress(balancer, bastion, pathMtu), ingress(bastion, balancer, pathMtu)]),
    ...pairs(bastions, [...peersOf(context, 'Master'), ...peersOf(context, 'Node')], (from, to) => [ingress(from, to, tcp(22))]),
  ];
}

function pairs<A, B>(left: readonly A[], right: readonly B[], rules: (a: A, b: B) => Rule[]): Rule[] {
  return left.flatMap((a) => right.flatMap((b) => rules(a, b)));
}
