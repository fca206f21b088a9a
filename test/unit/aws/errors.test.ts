import { describe, expect, it } from 'vitest';
import { toCloudError } from '../../../providers/aws/api/errors.ts';

interface Shape {
  name: string;
  message?: string;
  code?: string;
  status?: number;
}

function awsError({ name, message = 'no', code, status }: Shape): Error {
  return Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }), ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }) });
}

const cases: readonly [string, Shape, string][] = [
  ['an EC2 permission', { name: 'UnauthorizedOperation', status: 403 }, 'denied'],
  ['an IAM permission', { name: 'AccessDenied', status: 403 }, 'denied'],
  ['no credentials', { name: 'CredentialsProviderError' }, 'denied'],
  ['old credentials', { name: 'ExpiredToken', status: 400 }, 'denied'],
  ['an expired session', { name: 'RequestExpired', status: 400 }, 'denied'],
  ['an expired session of SSO', { name: 'TokenProviderError' }, 'denied'],
  ['a key that was deleted, at S3', { name: 'InvalidAccessKeyId', status: 403 }, 'denied'],
  ['EC2 is asked too often', { name: 'RequestLimitExceeded', status: 503 }, 'throttled'],
  ['Auto Scaling is asked too often', { name: 'Throttling', status: 400 }, 'throttled'],
  ['Route 53 is busy with the last change', { name: 'PriorRequestNotComplete', status: 400 }, 'throttled'],
  ['a zone has no such machine left', { name: 'InsufficientInstanceCapacity', status: 500 }, 'capacity'],
  ['VPCs are used up', { name: 'VpcLimitExceeded', status: 400 }, 'quota'],
  ['addresses are used up', { name: 'AddressLimitExceeded', status: 400 }, 'quota'],
  ['NAT gateways are used up', { name: 'NatGatewayLimitExceeded', status: 400 }, 'quota'],
  ['virtual processors are used up', { name: 'VcpuLimitExceeded', status: 400 }, 'quota'],
  ['rules of a group are used up', { name: 'RulesPerSecurityGroupLimitExceeded', status: 400 }, 'quota'],
  ['something is in a subnet', { name: 'DependencyViolation', status: 400 }, 'dependency'],
  ['an interface is attached', { name: 'InvalidNetworkInterface.InUse', status: 400 }, 'dependency'],
  ['a volume is attached', { name: 'VolumeInUse', status: 400 }, 'dependency'],
  ['an address is mapped', { name: 'InvalidIPAddress.InUse', status: 400 }, 'dependency'],
  ['a volume still changes', { name: 'IncorrectModificationState', status: 400 }, 'dependency'],
  ['a VPC is not there', { name: 'InvalidVpcID.NotFound', status: 400 }, 'notFound'],
  ['a NAT gateway is not there', { name: 'NatGatewayNotFound', status: 400 }, 'notFound'],
  ['a gateway is detached already', { name: 'Gateway.NotAttached', status: 400 }, 'notFound'],
  ['a role is not there', { name: 'NoSuchEntityException', status: 404 }, 'notFound'],
  ['a load balancer is not there', { name: 'LoadBalancerNotFoundException', status: 400 }, 'notFound'],
  ['a target is in no group', { name: 'InvalidTarget', status: 400 }, 'notFound'],
  ['a rule is there', { name: 'InvalidPermission.Duplicate', status: 400 }, 'alreadyExists'],
  ['a route is there', { name: 'RouteAlreadyExists', status: 400 }, 'alreadyExists'],
  ['a block is taken', { name: 'InvalidSubnet.Conflict', status: 400 }, 'alreadyExists'],
  ['a group is there', { name: 'InvalidGroup.Duplicate', status: 400 }, 'alreadyExists'],
  ['an answer never came', { name: 'TimeoutError' }, 'ambiguous'],
  ['a connection broke', { name: 'Error', code: 'ECONNRESET' }, 'ambiguous'],
  ['nobody listens', { name: 'Error', code: 'ECONNREFUSED' }, 'unavailable'],
  ['the region has no such host', { name: 'Error', code: 'ENOTFOUND' }, 'unavailable'],
  ['AWS has an outage', { name: 'InternalError', status: 500 }, 'unavailable'],
  ['a server that does not know the call', { name: 'SyntaxError', status: 500 }, 'unavailable'],
  ['something is protected against deletion', { name: 'OperationNotPermitted', status: 400 }, 'invalid'],
  ['a parameter is wrong', { name: 'InvalidParameterValue', status: 400 }, 'invalid'],
  ['a request that cannot be written', { name: 'TypeError' }, 'invalid'],
];

describe('errors of AWS', () => {
  it.each(cases)('%s', (_what, shape, expected) => {
    expect(toCloudError(awsError(shape), 'ec2', 'CreateSomething').class).toEqual(expected);
  });

  it('a denied call says which permission on what', () => {
    const message =
      'You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/me is not authorized to perform: ec2:CreateVpc on resource: arn:aws:ec2:us-east-1:111122223333:vpc/* because no identity-based policy allows the ec2:CreateVpc action';
    const error = toCloudError(awsError({ name: 'UnauthorizedOperation', message, status: 403 }), 'ec2', 'CreateVpc');
    expect(error.object).toEqual('ec2:CreateVpc');
    expect(error.suggestions[0]).toEqual('Allow ec2:CreateVpc on arn:aws:ec2:us-east-1:111122223333:vpc/*.');
    expect(error.suggestions[1]).toContain('kops-ts get iam-policy');
  });

  it.each([
    ['elbv2', 'CreateLoadBalancer', 'elasticloadbalancing:CreateLoadBalancer'],
    ['s3', 'HeadObject', 's3:GetObject'],
    ['s3', 'ListObjectsV2', 's3:ListBucket'],
    ['iam', 'CreateRole', 'iam:CreateRole'],
  ])('where %s does not say it, the name of the call %s does', (service, operation, action) => {
    expect(toCloudError(awsError({ name: 'AccessDenied', status: 403 }), service, operation).object).toEqual(action);
  });

  it('what Auto Scaling may not launch is a permission of EC2', () => {
    const message = 'You must use a valid fully-formed launch template. You are not authorized to perform this operation.';
    const error = toCloudError(awsError({ name: 'ValidationError', message, status: 400 }), 'autoscaling', 'CreateAutoScalingGroup');
    expect([error.class, error.object]).toEqual(['denied', 'ec2:RunInstances']);
  });

  it.each([
    ['AuthFailure', 'AWS was not able to validate the provided access credentials'],
    ['RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.'],
    ['InvalidClientTokenId', 'The security token included in the request is invalid'],
  ])('%s is about credentials, not about a permission', (name, message) => {
    const error = toCloudError(awsError({ name, message, status: 401 }), 'ec2', 'DescribeVpcs');
    expect(error.suggestions.join('\n')).toMatch(/Renew the credentials[\s\S]*region enabled[\s\S]*clock/);
    expect(error.suggestions.join('\n')).not.toContain('Allow');
  });

  it('without credentials it says where they are looked for', () => {
    const error = toCloudError(awsError({ name: 'CredentialsProviderError', message: 'Could not load credentials from any providers' }), 'ec2', 'DescribeVpcs');
    expect(error.suggestions.join('\n')).toMatch(/AWS_ACCESS_KEY_ID[\s\S]*AWS_PROFILE[\s\S]*role of the instance/);
    expect(error.retryable).toEqual(false);
  });

  it('is made once: what is a CloudError stays as it is', () => {
    const first = toCloudError(awsError({ name: 'VpcLimitExceeded', status: 400 }), 'ec2', 'CreateVpc');
    expect(toCloudError(first, 'ec2', 'CreateVpc')).toBe(first);
    expect(first.suggestions[0]).toContain('Service Quotas');
  });
});
