import type { InstanceGroupRole } from '../../../src/spec/types.ts';
import { partition } from './arn.ts';
import { type AwsContext, isIpv6Only } from './context.ts';
import { allow, type PolicyStatement } from './policy-document.ts';
import { clusterTag } from './tags.ts';

interface Networking {
  amazonvpc?: object;
  calico?: { awsSrcDstCheck?: string };
  kuberouter?: object;
  kindnet?: object;
  cilium?: { ipam?: string };
}

const interfaceActions = [
  'AssignPrivateIpAddresses',
  'AttachNetworkInterface',
  'DeleteNetworkInterface',
  'DetachNetworkInterface',
  'ModifyNetworkInterfaceAttribute',
  'UnassignPrivateIpAddresses',
];
const podAddressViews = ['DescribeInstances', 'DescribeInstanceTypes', 'DescribeNetworkInterfaces', 'DescribeTags'];
const networkViews = ['DescribeNetworkInterfaces', 'DescribeSecurityGroups', 'DescribeSubnets', 'DescribeVpcPeeringConnections', 'DescribeVpcs'];

/** What the pods' network asks of AWS on the node itself: addresses for pods, and packets that are not the node's own. */
export function networkStatements(context: AwsContext, role: InstanceGroupRole): PolicyStatement[] {
  const { amazonvpc, calico, kuberouter, kindnet, cilium } = (context.spec.networking ?? {}) as Networking;
  return [
    ...(amazonvpc ? [...podInterfaces(podAddressViews), ...interfaceTags(context)] : []),
    ...(cilium?.ipam === 'eni' && role !== 'Node' ? [...podInterfaces(networkViews), ...interfaceTags(context)] : []),
    ...(calico && calico.awsSrcDstCheck !== 'DoNothing' && !isIpv6Only(context) ? [allow(ec2(['DescribeInstances', 'ModifyNetworkInterfaceAttribute']))] : []),
    ...(kindnet || (kuberouter && role === 'Node') ? [allow(ec2(['ModifyInstanceAttribute']), ['*'], { StringEquals: { [`aws:ResourceTag/${clusterTag}`]: context.name } })] : []),
  ];
}

function podInterfaces(views: readonly string[]): PolicyStatement[] {
  return [allow(ec2([...views, ...interfaceActions, 'CreateNetworkInterface']))];
}

function interfaceTags(context: AwsContext): PolicyStatement[] {
  return [allow(ec2(['CreateTags']), [`arn:${partition(context)}:ec2:*:*:network-interface/*`])];
}

function ec2(actions: readonly string[]): string[] {
  return actions.map((action) => `ec2:${action}`);
}
