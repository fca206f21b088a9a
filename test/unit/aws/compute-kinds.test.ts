import {
  DeleteTargetGroupCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  SetSecurityGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AddClientIDToOpenIDConnectProviderCommand,
  DeleteRoleCommand,
  ListInstanceProfilesForRoleCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
} from '@aws-sdk/client-iam';
import {
  ChangeResourceRecordSetsCommand,
  DisassociateVPCFromHostedZoneCommand,
  GetHostedZoneCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import { describe, expect, it } from 'vitest';
import { dnsRecord } from '../../../providers/aws/resources/dns-record.ts';
import { hostedZoneAssociation } from '../../../providers/aws/resources/hosted-zone-association.ts';
import { iamOidcProvider } from '../../../providers/aws/resources/iam-oidc-provider.ts';
import { iamRole } from '../../../providers/aws/resources/iam-role.ts';
import { Inventory } from '../../../providers/aws/resources/inventory.ts';
import { networkLoadBalancer } from '../../../providers/aws/resources/network-load-balancer.ts';
import { targetGroup } from '../../../providers/aws/resources/target-group.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { awsFailure, cluster, mockedAws, ownTags, tagList, writes } from './aws-mocks.ts';

const actual = (kind: string, attributes: Record<string, unknown>, id = 'id-1'): ActualResource => ({ kind, name: 'it', id, attributes, outputs: { id }, owned: true });

describe('DNS record', () => {
  const record = actual('DNSRecord', { hostedZoneId: 'Z1', recordName: `api.${cluster}`, type: 'A', ttl: 60, values: ['203.0.113.123'] });
  const there = { Name: `api.${cluster}.`, Type: 'A' as const, TTL: 60, ResourceRecords: [{ Value: '10.0.0.1' }] };

  it('is deleted as it is now, whatever was seen before', async () => {
    const mock = mockedAws();
    mock.route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [there] } as never);
    await dnsRecord.delete(mock.aws, record, mock.context);
    expect(mock.route53.commandCalls(ChangeResourceRecordSetsCommand)[0]?.args[0].input.ChangeBatch?.Changes).toEqual([{ Action: 'DELETE', ResourceRecordSet: there }]);
  });

  it.each([
    ['nothing is there', []],
    ['only the next name is there', [{ ...there, Name: `bastion.${cluster}.` }]],
    ['only another type is there', [{ ...there, Type: 'AAAA' }]],
  ])('is gone already when %s', async (_what, records) => {
    const mock = mockedAws();
    mock.route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: records } as never);
    await dnsRecord.delete(mock.aws, record, mock.context);
    expect(writes(mock.route53)).toEqual([]);
  });
});

describe('lists', () => {
  it('do not fail for what somebody deletes meanwhile', async () => {
    const mock = mockedAws();
    const balancers = ['a', 'b', 'gone'].map((name) => ({ LoadBalancerArn: name, LoadBalancerName: name, Type: 'network' as const }));
    mock.elbv2.on(DescribeLoadBalancersCommand).resolves({ LoadBalancers: balancers });
    mock.elbv2.on(DescribeLoadBalancerAttributesCommand).resolves({ Attributes: [] });
    mock.elbv2.on(DescribeTagsCommand).callsFake(({ ResourceArns }) => {
      if (ResourceArns.includes('gone')) throw awsFailure('elbv2', 'DescribeTags', 'LoadBalancerNotFound');
      return { TagDescriptions: ResourceArns.map((arn: string) => ({ ResourceArn: arn, Tags: tagList(arn === 'a' ? ownTags('api') : {}) })) };
    });
    const listed = await networkLoadBalancer.list(new Inventory(mock.aws, cluster, mock.context.signal));
    expect(listed.map(({ id }) => id)).toEqual(['a']);
  });

  it('leave out what we may not look into: it is not ours', async () => {
    const mock = mockedAws();
    mock.route53.on(ListHostedZonesCommand).resolves({ HostedZones: [{ Id: '/hostedzone/Z1', Name: 'example.com.', CallerReference: '', ResourceRecordSetCount: 2 }] } as never);
    mock.route53.on(ListResourceRecordSetsCommand).rejects(awsFailure('route53', 'ListResourceRecordSets', 'AccessDenied', 'no', 403));
    mock.elbv2.on(DescribeLoadBalancersCommand).resolves({ LoadBalancers: [] });
    expect(await dnsRecord.list(new Inventory(mock.aws, cluster, mock.context.signal))).toEqual([]);
  });
});

describe('association of a hosted zone', () => {
  it.each([
    ['other networks are in the zone', ['vpc-1', 'vpc-2'], ['DisassociateVPCFromHostedZone']],
    ['it is the last of the zone', ['vpc-1'], []],
    ['it is gone already', ['vpc-2'], []],
  ])('goes where it may: %s', async (_what, vpcs, calls) => {
    const mock = mockedAws();
    mock.route53.on(GetHostedZoneCommand).resolves({ VPCs: vpcs.map((VPCId) => ({ VPCId })) } as never);
    mock.route53.on(DisassociateVPCFromHostedZoneCommand).resolves({});
    await hostedZoneAssociation.delete(mock.aws, actual('HostedZoneAssociation', { hostedZoneId: 'Z1', vpcId: 'vpc-1' }), mock.context);
    expect(writes(mock.route53)).toEqual(calls);
  });
});

describe('what somebody else uses', () => {
  it('is named with its user: a role in a profile that is not ours', async () => {
    const mock = mockedAws();
    mock.iam.on(DeleteRoleCommand).rejects(awsFailure('iam', 'DeleteRole', 'DeleteConflict', 'must remove roles from instance profile first', 409));
    mock.iam.on(ListInstanceProfilesForRoleCommand).resolves({ InstanceProfiles: [{ InstanceProfileName: 'theirs' }] } as never);
    const remove = iamRole.delete(mock.aws, actual('IAMRole', { roleName: 'nodes' }, 'nodes'), mock.context);
    await expect(remove).rejects.toMatchObject({ class: 'dependency', object: 'nodes', blockers: ['theirs (instance profile)'] });
  });

  const inUse = awsFailure('elbv2', 'DeleteTargetGroup', 'ResourceInUse', 'in use by a listener or a rule');
  const group = actual('TargetGroup', { tags: ownTags('tcp') }, 'arn:group');
  const usedBy = (owner: string) => {
    const mock = mockedAws();
    mock.elbv2.on(DescribeTargetGroupsCommand).resolves({ TargetGroups: [{ LoadBalancerArns: ['arn:balancer'] }] });
    mock.elbv2.on(DescribeTagsCommand).resolves({ TagDescriptions: [{ ResourceArn: 'arn:balancer', Tags: tagList(ownTags('api', owner)) }] });
    mock.elbv2.on(DeleteTargetGroupCommand).rejectsOnce(inUse).resolves({});
    return mock;
  };

  it('is named with its user: a target group behind a load balancer of another cluster', async () => {
    const mock = usedBy('other.example.com');
    await expect(targetGroup.delete(mock.aws, group, mock.context)).rejects.toMatchObject({ blockers: ['arn:balancer (load balancer, owner other.example.com)'] });
  });

  it('waits while the user is ours, and on its way', async () => {
    const mock = usedBy(cluster);
    await targetGroup.delete(mock.aws, group, mock.context);
    expect(mock.told.join()).toContain('arn:balancer');
  });
});

describe('OIDC provider', () => {
  it('adds and removes only the audiences that differ', async () => {
    const mock = mockedAws();
    const before = { url: 'https://issuer.example.com', clientIdList: ['old', 'amazonaws.com'], thumbprintList: [], tags: ownTags(cluster) };
    const wanted = { kind: 'IAMOIDCProvider' as const, name: cluster, cluster, attributes: { ...before, clientIdList: ['amazonaws.com', 'new'] } };
    await iamOidcProvider.update?.(mock.aws, actual('IAMOIDCProvider', before, 'arn'), wanted, ['clientIdList'], mock.context);
    expect(writes(mock.iam)).toEqual(['AddClientIDToOpenIDConnectProvider', 'RemoveClientIDFromOpenIDConnectProvider']);
    expect(mock.iam.commandCalls(AddClientIDToOpenIDConnectProviderCommand)[0]?.args[0].input.ClientID).toBe('new');
    expect(mock.iam.commandCalls(RemoveClientIDFromOpenIDConnectProviderCommand)[0]?.args[0].input.ClientID).toBe('old');
  });
});

describe('network load balancer', () => {
  const before = { loadBalancerName: 'api', scheme: 'internal' as const, crossZone: false, subnetMappings: [], securityGroupIds: [] as string[], tags: ownTags('api') };
  const wanted = { kind: 'NetworkLoadBalancer' as const, name: 'api', cluster, attributes: { ...before, securityGroupIds: ['sg-1'] } };

  it('says that one made without security groups cannot get any', async () => {
    const mock = mockedAws();
    const update = networkLoadBalancer.update?.(mock.aws, actual('NetworkLoadBalancer', before, 'arn:lb'), wanted, ['securityGroupIds'], mock.context);
    await expect(update).rejects.toMatchObject({ class: 'invalid', object: 'arn:lb', suggestions: [expect.stringContaining('arn:lb')] });
    expect(mock.elbv2.commandCalls(SetSecurityGroupsCommand)).toEqual([]);
  });

  it('changes in place what AWS can change, and is replaced for the rest', () => {
    expect(networkLoadBalancer.effect(['subnetMappings', 'securityGroupIds', 'ipAddressType', 'crossZone', 'accessLog', 'tags'])).toBe('update');
    expect(networkLoadBalancer.effect(['tags', 'scheme'])).toBe('replace');
    expect(networkLoadBalancer.effect(['loadBalancerName'])).toBe('replace');
  });
});

describe('errors of these services', () => {
  it.each([
    ['sqs', 'CreateQueue', 'QueueDeletedRecently', 'You must wait 60 seconds after deleting a queue', 'throttled'],
    ['sqs', 'CreateQueue', 'QueueNameExists', 'exists', 'alreadyExists'],
    ['autoscaling', 'TerminateInstanceInAutoScalingGroup', 'ValidationError', 'Instance Id not found - No managed instance found for instance ID: i-1', 'notFound'],
    ['autoscaling', 'DeleteLifecycleHook', 'ValidationError', 'No Lifecycle Hook found with name: a', 'notFound'],
    ['autoscaling', 'DetachLoadBalancerTargetGroups', 'ValidationError', 'Trying to remove Target Groups that are not part of the group', 'notFound'],
    ['autoscaling', 'DeleteWarmPool', 'ValidationError', 'No warm pool found for Auto Scaling group nodes', 'notFound'],
    ['autoscaling', 'CreateAutoScalingGroup', 'ValidationError', 'AutoScalingGroup nodes is pending delete', 'dependency'],
    ['autoscaling', 'DeleteWarmPool', 'ValidationError', 'No warm pool found for Auto Scaling group nodes', 'notFound'],
    [
      'autoscaling',
      'CreateAutoScalingGroup',
      'ValidationError',
      'You must use a valid fully-formed launch template. Value (nodes) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
      'notYetVisible',
    ],
    ['autoscaling', 'CreateAutoScalingGroup', 'ValidationError', "You must use a valid fully-formed launch template. The security group 'sg-1' does not exist", 'notFound'],
    ['autoscaling', 'UpdateAutoScalingGroup', 'ValidationError', 'Template version 2 does not exist.', 'notFound'],
    ['autoscaling', 'CreateAutoScalingGroup', 'ValidationError', 'Provided Target Groups may not be valid. Please ensure they exist and try again.', 'notFound'],
    [
      'autoscaling',
      'CreateAutoScalingGroup',
      'ValidationError',
      'You must use a valid fully-formed launch template. You are not authorized to perform this operation. Encoded authorization failure message: abc',
      'denied',
    ],
    ['autoscaling', 'DeleteAutoScalingGroup', 'ScalingActivityInProgress', 'busy', 'dependency'],
    ['elbv2', 'DeleteTargetGroup', 'ResourceInUse', 'in use', 'dependency'],
    ['route53', 'ChangeResourceRecordSets', 'PriorRequestNotComplete', 'busy', 'throttled'],
    [
      'route53',
      'ChangeResourceRecordSets',
      'InvalidChangeBatch',
      "[Tried to delete resource record set [name='api.demo.example.com.', type='A'] but it was not found]",
      'notFound',
    ],
    ['iam', 'PutRolePolicy', 'EntityTemporarilyUnmodifiable', 'wait', 'throttled'],
    ['events', 'PutRule', 'ConcurrentModificationException', 'busy', 'throttled'],
    ['iam', 'DeleteRole', 'DeleteConflict', 'attached', 'dependency'],
    ['s3', 'HeadObject', 'NotFound', 'UnknownError', 'notFound'],
    ['s3', 'PutObject', 'Forbidden', 'no', 'denied'],
  ])('%s %s: %s is understood', (service, operation, name, message, expected) => {
    expect(awsFailure(service, operation, name, message).class).toBe(expected);
  });
});
