import { partition } from './arn.ts';
import type { AwsContext } from './context.ts';
import { allow, type PolicyStatement } from './policy-document.ts';
import { clusterTag } from './tags.ts';

const balancerViews = 'ListenerCertificates,Listeners,LoadBalancerAttributes,LoadBalancers,Tags,TargetGroupAttributes,TargetGroups,TargetHealth'
  .split(',')
  .map((what) => `elasticloadbalancing:Describe${what}`);

const networkViews = 'AvailabilityZones,Instances,RouteTables,SecurityGroupRules,SecurityGroups,Subnets,Vpcs'.split(',').map((what) => `ec2:Describe${what}`);

const balancerChanges = [
  'AddListenerCertificates,AddTags,DeleteListener,DeleteLoadBalancer,DeleteTargetGroup,DeregisterTargets,ModifyListener,ModifyLoadBalancerAttributes,ModifyTargetGroup',
  'ModifyTargetGroupAttributes,RegisterTargets,RemoveListenerCertificates,RemoveTags,SetIpAddressType,SetSecurityGroups,SetSubnets',
].flatMap((line) => line.split(',').map((action) => `elasticloadbalancing:${action}`));

const networkChanges = ['CreateRoute', 'DeleteRoute', 'DeleteSecurityGroup', 'ModifyInstanceAttribute', 'ReplaceRoute', 'RevokeSecurityGroupIngress'].map(
  (action) => `ec2:${action}`,
);

/** Nodes, load balancers for Services and routes to pods. Only what carries the cluster's tag is changed, and all that is made carries it. */
export function cloudControllerStatements(context: AwsContext): PolicyStatement[] {
  const tagged = { StringEquals: { [`aws:ResourceTag/${clusterTag}`]: context.name } };
  const requested = { StringEquals: { [`aws:RequestTag/${clusterTag}`]: context.name } };
  const resources = (type: string) => `arn:${partition(context)}:ec2:*:*:${type}/*`;
  const rules = [resources('security-group'), resources('security-group-rule')];
  return [
    allow([...networkViews, ...balancerViews]),
    allow([...networkChanges, ...balancerChanges], ['*'], tagged),
    allow(['elasticloadbalancing:CreateListener', 'elasticloadbalancing:CreateLoadBalancer', 'elasticloadbalancing:CreateTargetGroup'], ['*'], requested),
    // A network has no tag in the request that makes a group in it, nor has a rule the tags of its group.
    allow(['ec2:CreateSecurityGroup'], [resources('security-group')], requested),
    allow(['ec2:CreateSecurityGroup'], [resources('vpc')]),
    allow(['ec2:AuthorizeSecurityGroupIngress'], [resources('security-group')], tagged),
    allow(['ec2:AuthorizeSecurityGroupIngress'], [resources('security-group-rule')], requested),
    allow(['ec2:CreateTags'], rules, {
      StringEquals: { [`aws:RequestTag/${clusterTag}`]: context.name, 'ec2:CreateAction': ['AuthorizeSecurityGroupIngress', 'CreateSecurityGroup'] },
    }),
    allow(['iam:CreateServiceLinkedRole'], ['*'], { StringEquals: { 'iam:AWSServiceName': 'elasticloadbalancing.amazonaws.com' } }),
  ];
}
