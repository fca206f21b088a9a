import type { AwsContext } from './context.ts';

/** Which AWS it is: `aws`, `aws-cn`, `aws-us-gov`. */
export function partition({ facts, region }: Pick<AwsContext, 'facts' | 'region'>): string {
  if (facts.account) return facts.account.partition;
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Of the cluster's region and account; a preview that did not ask who it is says `*`. */
export function arn(context: AwsContext, service: string, name: string): string {
  return `arn:${partition(context)}:${service}:${context.region}:${context.facts.account?.id ?? '*'}:${name}`;
}

/** Of services whose names are the account's, in no region. */
export function iamArn(context: AwsContext, name: string): string {
  return `arn:${partition(context)}:iam::${context.facts.account?.id ?? '*'}:${name}`;
}

/** Buckets and hosted zones are everybody's: `arn:aws:s3:::bucket/key`. */
export function globalArn(context: AwsContext, service: 's3' | 'route53', name: string): string {
  return `arn:${partition(context)}:${service}:::${name}`;
}
