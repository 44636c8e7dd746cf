// AWS's error codes, sorted into what a person can do about them.
import { type ErrorKind, PortalError } from '../../protocol/errors.ts';

interface AwsError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

interface Sorted {
  readonly kind: ErrorKind;
  readonly hint: string;
}

const login = 'log in again (for example aws sso login) or renew the keys; portald needs no restart';

const byCode: ReadonlyMap<string, Sorted> = new Map(
  (
    [
      [
        ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'],
        { kind: 'credentials', hint: login },
      ],
      [
        ['AuthFailure', 'InvalidClientTokenId', 'UnrecognizedClientException', 'SignatureDoesNotMatch'],
        { kind: 'credentials', hint: 'check the access key and the clock of this machine' },
      ],
      [
        ['CredentialsProviderError', 'MissingAuthenticationToken'],
        {
          kind: 'credentials',
          hint: 'give portald credentials that work (AWS_PROFILE, AWS_ACCESS_KEY_ID, or aws configure); a profile that is changed is read again by itself',
        },
      ],
      [
        ['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException'],
        { kind: 'permission', hint: 'compare the IAM policy of these credentials with iam-policy.json' },
      ],
      [
        ['OptInRequired'],
        {
          kind: 'permission',
          hint: 'this account has not subscribed to what was asked for: accept the terms of a Marketplace image in AWS Marketplace; enable a Region in the account settings',
        },
      ],
      [
        ['Blocked'],
        { kind: 'permission', hint: 'AWS has blocked this account: only AWS Support can lift that' },
      ],
      [
        ['PendingVerification'],
        {
          kind: 'permission',
          hint: 'AWS is still verifying this account, which mostly takes minutes, at most some hours; then try again',
        },
      ],
      [
        ['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'TooManyRequestsException'],
        { kind: 'throttled', hint: 'this account asks EC2 too often just now; it passes' },
      ],
      [
        ['InsufficientInstanceCapacity', 'UnfulfillableCapacity', 'InsufficientHostCapacity'],
        { kind: 'capacity', hint: 'name alternatives in spot_instance.instance_types' },
      ],
      [
        [
          'MaxSpotInstanceCountExceeded',
          'MaxSpotFleetRequestCountExceeded',
          'VcpuLimitExceeded',
          'InstanceLimitExceeded',
        ],
        { kind: 'quota', hint: 'raise the quota in Service Quotas, or use another instance family' },
      ],
      [
        ['SpotMaxPriceTooLow'],
        {
          kind: 'price',
          hint: 'portald goes on trying; further types in instance_types find a place sooner',
        },
      ],
      [
        ['AttachmentLimitExceeded'],
        {
          kind: 'volume',
          hint: 'this instance type takes no more volumes: use a larger type, or name fewer volumes',
        },
      ],
      [
        [
          'VolumeLimitExceeded',
          'SnapshotLimitExceeded',
          'MaxIOPSLimitExceeded',
          'VolumeModificationSizeLimitExceeded',
        ],
        { kind: 'quota', hint: 'delete what you do not need, or raise the EBS quota in Service Quotas' },
      ],
      [
        ['ConcurrentSnapshotLimitExceeded', 'SnapshotCreationPerVolumeRateExceeded'],
        { kind: 'quota', hint: 'wait until the snapshots under way are complete' },
      ],
      [
        ['VolumeModificationRateExceeded', 'IncorrectModificationState'],
        {
          kind: 'volume',
          hint: 'AWS changes a volume again only when its last change is complete and six hours old; wait, then repeat it',
        },
      ],
      [
        ['InvalidSnapshot.InUse'],
        { kind: 'volume', hint: 'an image (AMI) is made of that snapshot: deregister it first' },
      ],
      [
        ['KmsKeyNotAccessible', 'KMSKeyNotAccessible', 'InvalidKmsKey.InvalidState', 'KMS.NotFoundException'],
        {
          kind: 'permission',
          hint: 'the volume is encrypted: these credentials need the right to use its KMS key (kms:CreateGrant, kms:Decrypt, …)',
        },
      ],
      [
        ['InvalidKeyPair.NotFound'],
        { kind: 'key-pair', hint: 'create or import the key pair in this Region, or correct key_pair_name' },
      ],
      [
        ['InvalidVolume.ZoneMismatch'],
        { kind: 'zone', hint: 'volume and instance must be in the same zone' },
      ],
      [
        ['VolumeInUse', 'IncorrectState'],
        { kind: 'volume', hint: 'detach the volume from where it is in use' },
      ],
    ] as const
  ).flatMap(([codes, sorted]) => codes.map((code): [string, Sorted] => [code, sorted])),
);

/** An answer that is none of an AWS service (answer-form.ts). */
const otherAnswer = 'NotAnAwsAnswer';

const noAnswer =
  /^(FalseAnswer|TimeoutError|RequestTimeout|NetworkingError|AbortError|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;

/**
 * AWS's error as ours. Kind `endpoint` means that there was no clear answer: a call that changes something may have
 * worked. Every other kind means that AWS refused it.
 */
export function sortAwsError(error: unknown, doing: string): PortalError {
  if (error instanceof PortalError) return error;
  const { name, message: said, code, $metadata } = describe(error);
  const status = $metadata?.httpStatusCode;
  const message = readable(said, status);
  const awsCode = code ?? name;
  const sorted = byCode.get(name) ?? byCode.get(awsCode);
  const isCodeWanted = status !== undefined && !message.includes(name);
  const sentence = `${doing}: ${message === '' ? awsCode : `${message}${isCodeWanted ? ` (${name})` : ''}`}`;
  if (name === otherAnswer) {
    return new PortalError('endpoint', `${doing}: ${message}`, {
      hint:
        status !== undefined && status >= 500
          ? 'AWS, or a proxy on the way, has trouble of its own just now; portald tries again'
          : 'it is the page of a proxy or the login page of a network: log in there, or have the proxy let AWS through; nothing is concluded from it',
      cause: error,
    });
  }
  if (sorted !== undefined)
    return new PortalError(sorted.kind, sentence, { hint: sorted.hint, cause: error });
  if (/region is missing|region not accepted/i.test(message)) {
    return new PortalError(
      'region-missing',
      /not accepted/i.test(message) ? `that is not an AWS Region: ${message}` : 'no AWS Region is set',
      {
        hint: "set region in portald's configuration, AWS_REGION, or region in the AWS profile; then restart portald",
        cause: error,
      },
    );
  }
  if (/could not load credentials|session token|sso session|token is expired/i.test(message)) {
    return new PortalError('credentials', sentence, { hint: login, cause: error });
  }
  // Of a call that was carried out the answer may be what cannot be read.
  const isRefusal = status !== undefined && ((status >= 400 && status < 500) || status === 501);
  if (noAnswer.test(name) || noAnswer.test(awsCode) || !isRefusal) {
    return new PortalError(
      'endpoint',
      `${doing}: EC2 gave no clear answer (${message === '' ? awsCode : message})`,
      {
        hint:
          status !== undefined && status >= 500
            ? 'AWS has trouble of its own just now; portald tries again'
            : hintFor(awsCode, message),
        cause: error,
      },
    );
  }
  if (name.endsWith('NotFound')) {
    return new PortalError('not-found', sentence, { hint: 'check the id and the Region', cause: error });
  }
  return new PortalError('configuration', sentence, {
    hint: 'correct what the message names',
    cause: error,
  });
}

/** The SDK's words for an answer that it cannot read are for those who develop it. */
function readable(said: string, status: number | undefined): string {
  if (!/Deserialization error|UnknownError|^Unknown$|Unclosed tag|is not expected/i.test(said)) return said;
  return `an answer that cannot be read${status === undefined ? '' : `, HTTP ${status}`}`;
}

/** Node's codes, of which none means that AWS has done anything (its documentation, "Common system errors", tls, http). */
function hintFor(code: string, message: string): string {
  if (code === 'ERR_PROXY_TUNNEL')
    return / 407 /.test(message)
      ? 'the proxy wants a user and a password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, where portald is started'
      : 'the proxy of HTTPS_PROXY does not let AWS through: ask whoever runs it, or name AWS in NO_PROXY';
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(code))
    return 'a proxy that opens TLS has certificates of its own: name the file of its authority in AWS_CA_BUNDLE, where portald is started; else the clock may be wrong';
  return 'check the network, the proxy (HTTPS_PROXY) if there is one, AWS_REGION and AWS_ENDPOINT_URL_EC2';
}

function describe(error: unknown): AwsError {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0];
  if (error instanceof Error) return error;
  return { name: 'Error', message: String(error) };
}

/** AWS's code of an error made by `sortAwsError`; empty for none. */
export function awsCodeOf(error: unknown): string {
  const cause = error instanceof PortalError ? error.cause : error;
  return cause instanceof Error ? cause.name : '';
}
