import { CloudError, type CloudErrorClass, isCloudError } from '../../../src/cloud/errors.ts';

/** Where services give one name to many errors, the message says which it is. The first pattern that matches decides. */
const messages: readonly [RegExp, CloudErrorClass][] = [
  // A new profile is known to IAM at once, to EC2 and Auto Scaling some seconds later.
  [/Invalid IAM Instance Profile|Invalid principal in policy/i, 'notYetVisible'],
  [/pending delete/i, 'dependency'],
  [/^(AutoScalingGroup name not found|Group .* not found|Instance Id not found|No managed instance found|No Lifecycle Hook found|No warm pool found)/i, 'notFound'],
  [/^(Trying to remove .* not part of the group|The instance .* is not part of Auto Scaling group)/i, 'notFound'],
  // Auto Scaling tries what a group is made of when it is made: what others may not know yet, and what its caller may not do, are both errors of validation.
  [/You are not authorized to perform this operation/i, 'denied'],
  [/(launch template|template version|security group|subnet id|image id|key pair)\b.* does not exist|Target Groups may not be valid/i, 'notFound'],
  [/Tried to delete resource record set .* not found/is, 'notFound'],
];

/** What the names of AWS' errors mean. The first pattern that matches decides. Names: the API references of the services. */
const classes: readonly [RegExp, CloudErrorClass][] = [
  [/^(UnauthorizedOperation|AccessDenied(Exception)?|AuthorizationError|NotAuthorized|AuthFailure|UnauthorizedAccess|Forbidden(Exception)?)$/, 'denied'],
  [/^(ExpiredToken(Exception)?|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken|UnrecognizedClientException|MissingAuthenticationToken(Exception)?)$/, 'denied'],
  [/^(SignatureDoesNotMatch|InvalidSignature(Exception)?|RequestExpired|RequestTimeTooSkewed|(Credentials|Token)ProviderError|OptInRequired)$/, 'denied'],
  [
    /^(Throttling(Exception)?|ThrottledException|RequestLimitExceeded|TooManyRequestsException|RequestThrottled.*|PriorRequestNotComplete|SlowDown|ConcurrentModification.*|ConcurrentTagAccess|EntityTemporarilyUnmodifiable(Exception)?|(AWS\.SimpleQueueService\.)?QueueDeletedRecently)$/,
    'throttled',
  ],
  [
    /^(InsufficientInstanceCapacity|InsufficientHostCapacity|InsufficientReservedInstanceCapacity|InsufficientVolumeCapacity|InsufficientCapacity.*|SpotMaxPriceTooLow)$/,
    'capacity',
  ],
  [/(LimitExceeded(Exception)?|QuotaExceeded.*|^MaxSpotInstanceCountExceeded|^TooMany[A-Z]\w*|^LimitExceeded.*|^OverLimit)$/, 'quota'],
  [
    /^(DependencyViolation|DeleteConflict(Exception)?|ResourceInUse(Fault|Exception)?|HostedZoneNotEmpty|ScalingActivityInProgress(Fault)?|Invalid\w+\.InUse|VolumeInUse|IncorrectState|IncorrectInstanceState|IncorrectModificationState)$/,
    'dependency',
  ],
  [
    /(\.NotFound(Exception)?|^Gateway\.NotAttached$|^InvalidTarget$|^NoSuch\w+|NotFound(Exception|Fault)?|^NonExistentQueue|\.NonExistentQueue|^QueueDoesNotExist|\.Malformed)$/,
    'notFound',
  ],
  [
    /(\.Duplicate(d)?|AlreadyExists(Exception|Fault)?|^Duplicate\w*|^EntityAlreadyExists\w*|^Queue(AlreadyExists|NameExists)|^BucketAlready\w+|\.AlreadyExistsException|^RouteAlreadyExists|^Resource\.AlreadyAssociated|^InvalidSubnet\.Conflict)$/,
    'alreadyExists',
  ],
  // A request that could not even be written: ours to correct, not to repeat.
  [/^(TypeError|RangeError|ReferenceError)$/, 'invalid'],
  [/^(TimeoutError|RequestTimeout(Exception)?|AbortError|ECONNRESET|EPIPE|ETIMEDOUT)$/, 'ambiguous'],
  [
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ServiceUnavailable(Exception)?|Unavailable|InternalError|InternalFailure|InternalServiceError.*|ServerInternal|HttpTimeoutException)$/,
    'unavailable',
  ],
];

interface AwsError {
  name?: string;
  code?: string;
  Code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
  $retryable?: unknown;
}

/** Any failure of an SDK call as a CloudError, once. `service`: `ec2`; `operation`: `RunInstances`. */
export function toCloudError(error: unknown, service: string, operation: string): CloudError {
  if (isCloudError(error)) return error;
  const { name, code, Code, message = String(error), $metadata } = (error ?? {}) as AwsError;
  const names = [code, Code, name].filter((text): text is string => typeof text === 'string');
  const errorClass = messages.find(([pattern]) => pattern.test(message))?.[1] ?? classOf(names, $metadata?.httpStatusCode);
  const what = names.find((text) => text !== 'Error') ?? 'Error';
  return new CloudError(errorClass, operation, `${service} ${operation}: ${what}: ${message}`, { ...advice(errorClass, what, service, operation, message), cause: error });
}

function classOf(names: readonly string[], status: number | undefined): CloudErrorClass {
  for (const [pattern, errorClass] of classes) if (names.some((name) => pattern.test(name))) return errorClass;
  // No answer at all: the call may have had its effect.
  if (status === undefined) return 'ambiguous';
  return status >= 500 ? 'unavailable' : 'invalid';
}

/** Where the permission has another name than the call. */
const permissionsOfS3: Readonly<Record<string, string>> = {
  ListObjectsV2: 'ListBucket',
  HeadObject: 'GetObject',
  HeadBucket: 'ListBucket',
  GetBucketEncryption: 'GetEncryptionConfiguration',
};

/** Which action on what was denied: AWS says it for most services; the name of the call says it for the others. */
export function deniedAction(service: string, operation: string, message: string): { action: string; resource?: string } {
  const said = /not authorized to perform:? ([\w-]+:\w+)(?: on resource:? (\S+))?/.exec(message);
  const prefix = { elbv2: 'elasticloadbalancing' }[service] ?? service;
  const name = (service === 's3' ? permissionsOfS3[operation] : undefined) ?? operation;
  const resource = said?.[2]?.replace(/^"|"?[.,]?$/g, '');
  // Auto Scaling launches in its caller's name.
  const called = /launch template/i.test(message) ? 'ec2:RunInstances' : `${prefix}:${name}`;
  return { action: said?.[1] ?? called, ...(resource ? { resource } : {}) };
}

/** EC2 calls what it cannot tell apart by one name: wrong credentials, and a region that the account has not enabled. */
const badCredentials =
  /^(ExpiredToken|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken|MissingAuthenticationToken|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|RequestExpired|RequestTimeTooSkewed)|not able to validate the provided access credentials/;

const missingCredentials = [
  'AWS credentials are found where every AWS tool finds them:',
  'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) in the environment,',
  'a profile of ~/.aws/config and ~/.aws/credentials, chosen with AWS_PROFILE: aws configure, aws sso login,',
  'or the role of the instance or container that this runs on. To see whose are found: aws sts get-caller-identity',
];

const renewCredentials = [
  'Renew the credentials (aws sso login, aws configure, or a new session token), and see that they are right: aws sts get-caller-identity',
  'If they are: is the region enabled for the account (aws account list-regions), and does the clock of this machine tell the time?',
];

function advice(errorClass: CloudErrorClass, name: string, service: string, operation: string, message: string): { object?: string; suggestions?: string[] } {
  if (/^(Credentials|Token)ProviderError$/.test(name)) return { suggestions: missingCredentials };
  if (badCredentials.test(`${name} ${message}`)) return { suggestions: renewCredentials };
  if (errorClass === 'denied') {
    const { action, resource } = deniedAction(service, operation, message);
    return { object: action, suggestions: [`Allow ${action}${resource === undefined ? '' : ` on ${resource}`}.`, 'The least policy for this cluster: kops-ts get iam-policy'] };
  }
  if (name === 'OperationNotPermitted') return { suggestions: ['It is protected by a setting of its own, deletion or termination protection: take that away first.'] };
  if (errorClass === 'quota') return { suggestions: ['Ask for more in the Service Quotas console, or make the cluster smaller.'] };
  if (errorClass === 'capacity') return { suggestions: ['Try other zones or machine types, or the same later.'] };
  return {};
}
