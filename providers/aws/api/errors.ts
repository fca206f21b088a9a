import { CloudError, type CloudErrorClass, isCloudError } from '../../../src/cloud/errors.ts';

/** Where services give one name to many errors, the message says which it is. The first pattern that matches decides. */
const messages: readonly [RegExp, CloudErrorClass][] = [
  [/Invalid IAM Instance Profile|Invalid principal in policy/i, 'notYetVisible'],
  [/pending delete/i, 'dependency'],
  [/^(AutoScalingGroup name not found|Group .* not found|Instance Id not found|No managed instance found|No Lifecycle Hook found)/i, 'notFound'],
];

/** What the names of AWS' errors mean. The first pattern that matches decides. Names: the API references of the services. */
const classes: readonly [RegExp, CloudErrorClass][] = [
  [/^(UnauthorizedOperation|AccessDenied(Exception)?|AuthorizationError|NotAuthorized|AuthFailure|UnauthorizedAccess|Forbidden(Exception)?)$/, 'denied'],
  [/^(ExpiredToken(Exception)?|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|CredentialsProviderError|OptInRequired)$/, 'denied'],
  [
    /^(Throttling(Exception)?|ThrottledException|RequestLimitExceeded|TooManyRequestsException|RequestThrottled.*|PriorRequestNotComplete|SlowDown|ConcurrentModification.*|ConcurrentTagAccess|(AWS\.SimpleQueueService\.)?QueueDeletedRecently)$/,
    'throttled',
  ],
  [
    /^(InsufficientInstanceCapacity|InsufficientHostCapacity|InsufficientReservedInstanceCapacity|InsufficientVolumeCapacity|InsufficientCapacity.*|SpotMaxPriceTooLow)$/,
    'capacity',
  ],
  [/(LimitExceeded(Exception)?|QuotaExceeded.*|^MaxSpotInstanceCountExceeded|^TooMany[A-Z]\w*|^LimitExceeded.*|^OverLimit)$/, 'quota'],
  [
    /^(DependencyViolation|DeleteConflict(Exception)?|ResourceInUse(Fault|Exception)?|HostedZoneNotEmpty|ScalingActivityInProgress(Fault)?|InvalidIPAddress\.InUse|InvalidGroup\.InUse|VolumeInUse|IncorrectState|IncorrectModificationState|OperationNotPermitted)$/,
    'dependency',
  ],
  [/(\.NotFound(Exception)?|^Gateway\.NotAttached$|^NoSuch\w+|NotFound(Exception|Fault)?|^NonExistentQueue|\.NonExistentQueue|^QueueDoesNotExist|\.Malformed)$/, 'notFound'],
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
  return { action: said?.[1] ?? `${prefix}:${name}`, ...(resource ? { resource } : {}) };
}

const badCredentials = /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch)/;

const missingCredentials = [
  'AWS credentials are found where every AWS tool finds them:',
  'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) in the environment,',
  'a profile of ~/.aws/config and ~/.aws/credentials, chosen with AWS_PROFILE: aws configure, aws sso login,',
  'or the role of the instance or container that this runs on. To see whose are found: aws sts get-caller-identity',
];

function advice(errorClass: CloudErrorClass, name: string, service: string, operation: string, message: string): { object?: string; suggestions?: string[] } {
  if (name === 'CredentialsProviderError') return { suggestions: missingCredentials };
  if (badCredentials.test(name))
    return { suggestions: ['Renew the credentials (aws sso login, aws configure, or a new session token), and see that they are right: aws sts get-caller-identity'] };
  if (errorClass === 'denied') {
    const { action, resource } = deniedAction(service, operation, message);
    return { object: action, suggestions: [`Allow ${action}${resource === undefined ? '' : ` on ${resource}`}.`, 'The least policy for this cluster: kops-ts get iam-policy'] };
  }
  if (errorClass === 'quota') return { suggestions: ['Ask for more in the Service Quotas console, or make the cluster smaller.'] };
  if (errorClass === 'capacity') return { suggestions: ['Try other zones or machine types, or the same later.'] };
  return {};
}
