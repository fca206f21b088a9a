import type { AwsKindName } from '../attributes.ts';
import type { PolicyRequest } from './policy-request.ts';

type Place = PolicyRequest['place'];

/** ARNs of what kinds with names of their own are called; patterns where a thing may be gone from the spec and still be there. */
export function namesOf(kind: AwsKindName, request: PolicyRequest): string[] {
  const { place, clusterName, desired } = request;
  const attributesOf = (wanted: AwsKindName, field: string): string[] => desired.flatMap(({ kind: found, attributes }) => (found === wanted ? [String(attributes[field])] : []));
  /** Names that end with the cluster's are one pattern; cut ones are named. */
  const pattern = (names: readonly string[]) => [...new Set([`*.${clusterName}`, ...names.filter((name) => !name.endsWith(`.${clusterName}`))])].sort();
  switch (kind) {
    case 'AutoscalingGroup':
    case 'AutoscalingLifecycleHook':
      return pattern(attributesOf('AutoscalingGroup', 'autoScalingGroupName')).map((name) => regional(place, 'autoscaling', `autoScalingGroup:*:autoScalingGroupName/${name}`));
    case 'IAMRole':
    case 'IAMRolePolicy':
    case 'IAMRolePolicyAttachment':
      return pattern(attributesOf('IAMRole', 'roleName')).map((name) => iam(place, `role/${name}`));
    case 'IAMInstanceProfile': {
      const profiles = pattern(attributesOf('IAMInstanceProfile', 'instanceProfileName')).map((name) => iam(place, `instance-profile/${name}`));
      return [...profiles, ...pattern(attributesOf('IAMRole', 'roleName')).map((name) => iam(place, `role/${name}`))];
    }
    case 'IAMOIDCProvider':
      return attributesOf('IAMOIDCProvider', 'url').map((url) => iam(place, `oidc-provider/${url.replace(/^https:\/\//, '')}`));
    case 'NetworkLoadBalancerListener':
      return attributesOf('NetworkLoadBalancer', 'loadBalancerName').map((name) => regional(place, 'elasticloadbalancing', `listener/net/${name}/*`));
    case 'DNSRecord':
    case 'HostedZoneAssociation':
      return attributesOf(kind, 'hostedZoneId').map((id) => `arn:${place.partition}:route53:::hostedzone/${id}`);
    case 'SQSQueue':
      return attributesOf('SQSQueue', 'queueName').map((name) => regional(place, 'sqs', name));
    case 'EventBridgeRule':
    case 'EventBridgeTarget':
      return attributesOf('EventBridgeRule', 'ruleName').map((name) => regional(place, 'events', `rule/${name}`));
    default:
      return ['*'];
  }
}

function regional({ partition, region, account }: Place, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

function iam({ partition, account }: Place, resource: string): string {
  return `arn:${partition}:iam::${account}:${resource}`;
}
