import type { Instance } from '@aws-sdk/client-ec2';
import { isCloudError } from '../../../src/cloud/errors.ts';
import type { IdentityVerifier, VerifiedIdentity } from '../../../src/cloud/instance.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { isPlainObject } from '../../../src/lib/json.ts';
import type { AwsApi } from '../api/clients.ts';
import { callerArn, denied, type SignedCall, signCall, stsUrl } from './caller-identity.ts';

export interface IdentityOptions {
  aws: AwsApi;
  environment: Environment;
  clusterName: string;
}

/** The proof of an instance: a call of STS that its role signed, for one audience. */
export async function identityToken({ aws, environment }: IdentityOptions, audience: string): Promise<string> {
  const call = await signCall(aws, stsUrl(aws.region, environment.variables), audience);
  return Buffer.from(JSON.stringify(call)).toString('base64url');
}

/** Asks STS who signed, then EC2 what that instance is. Everything that decides comes from AWS or from the cluster; the client only brings a signature. */
export function identityVerifier(options: IdentityOptions): IdentityVerifier {
  const { aws, environment } = options;
  const url = stsUrl(aws.region, environment.variables);
  const own = async () => parseArn((await (await aws.service('sts')).getCallerIdentity({})).Arn ?? '');
  let asked: ReturnType<typeof own> | undefined;
  return async (token, audience, admitted) => {
    const call = parseToken(token);
    asked ??= own();
    const [caller, self] = await Promise.all([
      callerArn(call, url, audience, environment).then(parseArn),
      asked.catch((error) => {
        asked = undefined;
        throw error;
      }),
    ]);
    if (!caller || !self || caller.partition !== self.partition || caller.account !== self.account) throw denied('it comes from another account');
    if (!admitted.includes(caller.role)) throw denied(`the role ${caller.role} is not one of this cluster's workers`);
    return instanceIdentity(options, caller.session);
  };
}

interface RoleSession {
  partition: string;
  account: string;
  role: string;
  /** Of an instance: its id. */
  session: string;
}

/** `arn:aws:sts::123456789012:assumed-role/nodes.demo.example.com/i-0123456789abcdef0` */
function parseArn(arn: string): RoleSession | undefined {
  const [, partition = '', account = '', role = '', session = ''] = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/([\w+=,.@-]+)$/.exec(arn) ?? [];
  return partition === '' ? undefined : { partition, account, role, session };
}

function parseToken(token: string): SignedCall {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw denied('it cannot be read');
  }
  const isText = (field: unknown) => typeof field === 'string' && /^[\x20-\x7e]+$/.test(field);
  if (!isPlainObject(value) || !isText(value.authorization) || !isText(value.date)) throw denied('it is no signed call');
  if (value.securityToken !== undefined && !isText(value.securityToken)) throw denied('it is no signed call');
  return value as unknown as SignedCall;
}

async function instanceIdentity({ aws, clusterName }: IdentityOptions, instanceId: string): Promise<VerifiedIdentity> {
  if (!/^i-[0-9a-f]{8,17}$/.test(instanceId)) throw denied(`${instanceId} is no instance`);
  const instance = await findInstance(aws, instanceId);
  const { InstanceId, PrivateDnsName, PrivateIpAddress } = instance ?? {};
  if (InstanceId !== instanceId || !PrivateDnsName || !PrivateIpAddress) throw denied(`there is no instance ${instanceId}`);
  if (instance?.State?.Name !== 'running' && instance?.State?.Name !== 'pending') throw denied(`instance ${instanceId} is ${instance?.State?.Name}`);
  const tags = new Map(instance.Tags?.map(({ Key, Value }) => [Key, Value ?? '']));
  if (tags.get('KubernetesCluster') !== clusterName) throw denied(`instance ${instanceId} belongs to another cluster`);
  return {
    instanceId,
    clusterName,
    instanceGroup: tags.get('kops.k8s.io/instancegroup') ?? '',
    role: tags.has('k8s.io/role/control-plane') ? 'ControlPlane' : 'Node',
    nodeName: PrivateDnsName,
    privateIp: PrivateIpAddress,
  };
}

async function findInstance(aws: AwsApi, instanceId: string): Promise<Instance | undefined> {
  try {
    const { Reservations = [] } = await (await aws.service('ec2')).describeInstances({ InstanceIds: [instanceId] });
    return Reservations.flatMap(({ Instances = [] }) => Instances)[0];
  } catch (error) {
    if (isCloudError(error, 'notFound')) return undefined;
    throw error;
  }
}
