import { setMaxListeners } from 'node:events';
import { CloudError } from '../../src/cloud/errors.ts';
import type { Facts, FactsRequest } from '../../src/cloud/provider.ts';
import type { AwsApi } from './api/clients.ts';
import { lookUpAccount, lookUpInstanceProfiles } from './facts/account.ts';
import { lookUpHostedZones } from './facts/hosted-zones.ts';
import { lookUpImages } from './facts/images.ts';
import { lookUpMachineTypes } from './facts/machine-types.ts';
import { lookUpAddresses, lookUpNatGateways, lookUpNetworks, lookUpSubnets } from './facts/networks.ts';

type LookUp = (aws: AwsApi, names: readonly string[], signal: AbortSignal) => Promise<Record<string, unknown>>;

interface Question {
  answer: keyof Facts;
  ask: LookUp;
  /** Where the name stands in a spec. */
  field: string;
  what: string;
  /** How a person looks for one. */
  command: string;
  /** The names are candidates: one of them is enough. */
  oneIsEnough?: boolean;
}

type NamedRequest = Exclude<keyof FactsRequest, 'account' | 'networkBlock'>;

const questions: Readonly<Record<NamedRequest, Question>> = {
  networkIds: { answer: 'networks', ask: lookUpNetworks, field: 'spec.networkID', what: 'VPC', command: 'aws ec2 describe-vpcs' },
  subnetIds: { answer: 'subnets', ask: lookUpSubnets, field: 'spec.subnets[].id', what: 'subnet', command: 'aws ec2 describe-subnets' },
  natGatewayIds: { answer: 'natGateways', ask: lookUpNatGateways, field: 'spec.subnets[].egress', what: 'NAT gateway', command: 'aws ec2 describe-nat-gateways' },
  addresses: { answer: 'addresses', ask: lookUpAddresses, field: 'spec.subnets[].publicIP', what: 'public address', command: 'aws ec2 describe-addresses' },
  images: { answer: 'images', ask: lookUpImages, field: 'spec.image', what: 'image', command: 'aws ec2 describe-images --owners OWNER' },
  hostedZones: { answer: 'hostedZones', ask: lookUpHostedZones, field: 'spec.dnsZone', what: 'hosted zone', command: 'aws route53 list-hosted-zones', oneIsEnough: true },
  machineTypes: { answer: 'machineTypes', ask: lookUpMachineTypes, field: 'spec.machineType', what: 'machine type', command: 'aws ec2 describe-instance-types' },
  instanceProfiles: {
    answer: 'instanceProfiles',
    ask: lookUpInstanceProfiles,
    field: 'spec.iam.profile',
    what: 'instance profile',
    command: 'aws iam list-instance-profiles',
  },
};

/** Looks up what a spec names, all at once. Throws CloudError notFound for whatever does not exist, with the field that names it. */
export async function lookUpFacts(aws: AwsApi, request: FactsRequest, signal: AbortSignal): Promise<Facts> {
  // Each call listens for the end of all.
  setMaxListeners(0, signal);
  const asked = (Object.keys(questions) as NamedRequest[]).filter((name) => (request[name] ?? []).length > 0);
  const [account, ...found] = await Promise.all([
    request.account ? lookUpAccount(aws, signal) : undefined,
    ...asked.map((name) => questions[name].ask(aws, [...new Set(request[name])], signal)),
  ]);
  const missing = asked.flatMap((name, i) => missingFrom(questions[name], request[name] ?? [], found[i] ?? {}, aws.region));
  if (missing.length > 0) throw notFound(missing);
  return { ...(account ? { account } : {}), ...Object.fromEntries(asked.map((name, i) => [questions[name].answer, found[i]])) };
}

interface Missing {
  message: string;
  object: string;
  command: string;
}

function missingFrom({ field, what, command, oneIsEnough }: Question, names: readonly string[], found: Record<string, unknown>, region: string): Missing[] {
  const missing = names.filter((name) => !(name in found));
  if (oneIsEnough && missing.length < names.length) return [];
  const where = command.startsWith('aws ec2') ? ` in ${region}` : '';
  if (oneIsEnough && missing.length > 1) return [{ message: `${field}: there is no ${what} for any of ${missing.join(', ')}`, object: missing[0] ?? '', command }];
  return missing.map((name) => ({ message: `${field}: there is no ${what} ${name}${where}`, object: name, command: where === '' ? command : `${command} --region ${region}` }));
}

function notFound(missing: readonly Missing[]): CloudError {
  return new CloudError('notFound', 'facts', missing.map(({ message }) => message).join('\n'), {
    object: missing[0]?.object ?? '',
    suggestions: ['Correct the name, or look at what there is (with the account and region that the cluster is for):', ...new Set(missing.map(({ command }) => command))],
  });
}
