// What a service takes over from the environment of whoever installs it: whatever portald is to find its account,
// folders and programs by. Never a secret: a service's environment is no place for one.
import { delimiter, resolve } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import type { Environment } from '../../protocol/paths.ts';
import { isPassing } from './lasting.ts';
import type { Scope } from './scope.ts';

export type Variables = ReadonlyMap<string, string>;

export interface Taken {
  readonly variables: Variables;
  /** What one may wonder about, a sentence each. */
  readonly remarks: readonly string[];
}

const ofTheAccount =
  /^AWS_(PROFILE|(DEFAULT_)?REGION|CONFIG_FILE|SHARED_CREDENTIALS_FILE|ENDPOINT_URL(_[A-Z0-9_]+)?|USE_(FIPS|DUALSTACK)_ENDPOINT|ROLE_ARN|ROLE_SESSION_NAME|WEB_IDENTITY_TOKEN_FILE|CA_BUNDLE|EC2_METADATA_[A-Z0-9_]+|MAX_ATTEMPTS|RETRY_MODE)$|^NODE_(EXTRA_CA_CERTS|USE_ENV_PROXY)$|^(HTTPS?|NO|ALL)_PROXY$|^(https?|no|all)_proxy$/;
/** Of a user's own service only. XDG_RUNTIME_DIR is the same in a user's systemd; launchd has none. */
const ofTheUser = /^(PORTALD_(CONFIG|SOCKET|STATE_DIR)|XDG_(CONFIG|STATE)_HOME|PATH|SSH_AUTH_SOCK)$/;
const files = /_(FILE|CERTS|BUNDLE)$|^PORTALD_(CONFIG|SOCKET|STATE_DIR)$/;
const secrets = [
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_BEARER_TOKEN_EC2',
];
const keys = ['AWS_ACCESS_KEY_ID', ...secrets];

export interface TakingOptions {
  readonly scope: Scope;
  /** Relative paths are relative to it. */
  readonly workingFolder: string;
  /** What the last installation took: it holds unless it is set now; set to nothing, it goes. */
  readonly earlier: Variables;
  readonly platform: string;
}

/** Throws PortalError `credentials` if the environment has keys that the service would not have. */
export function takeEnvironment(
  environment: Environment,
  { scope, workingFolder, earlier, platform }: TakingOptions,
): Taken {
  const variables = new Map(earlier);
  const remarks: string[] = [];
  for (const [name, given] of Object.entries(environment)) {
    if (given === undefined || !isWanted(name, scope, platform)) continue;
    const value = cleaned(name, given, environment, workingFolder);
    if (value === '') variables.delete(name);
    else if (name === 'SSH_AUTH_SOCK' && !isLastingSocket(value, environment))
      remarks.push(
        `not taken: SSH_AUTH_SOCK (${value}), the agent of this session; identity files with a passphrase need one that stays`,
      );
    else {
      refusePassword(name, value);
      variables.set(name, value);
    }
  }
  for (const name of earlier.keys())
    if (environment[name] === undefined && variables.has(name))
      remarks.push(`kept from the last installation: ${name}; to drop it: ${name}= portalctl daemon install`);
  const found = secrets.filter((name) => (environment[name] ?? '') !== '');
  if (found.length > 0) {
    if (!variables.has('AWS_PROFILE')) throw refusedKeys(found, scope);
    remarks.push(`not taken: ${found.join(', ')}, as secrets; the profile counts`);
  }
  return { variables: new Map([...variables].sort(([a], [b]) => (a < b ? -1 : 1))), remarks };
}

function isWanted(name: string, { systemUser }: Scope, platform: string): boolean {
  if (ofTheAccount.test(name)) return true;
  if (systemUser !== undefined) return false;
  return ofTheUser.test(name) || (platform === 'darwin' && name === 'XDG_RUNTIME_DIR');
}

function cleaned(name: string, value: string, environment: Environment, workingFolder: string): string {
  if (name === 'PATH')
    // What npx puts before it is for one run, and what some version managers do for one shell.
    return value
      .split(delimiter)
      .filter(
        (folder) =>
          folder.startsWith('/') && !folder.includes('/node_modules/') && !isPassing(folder, environment),
      )
      .join(delimiter);
  return value !== '' && files.test(name) ? resolve(workingFolder, value) : value;
}

/** Agents of one session have sockets in temporary folders. */
function isLastingSocket(path: string, environment: Environment): boolean {
  return [environment['HOME'], environment['XDG_RUNTIME_DIR']].some(
    (folder) => folder !== undefined && folder !== '' && path.startsWith(`${folder}/`),
  );
}

/** Names that hold addresses, with a scheme or without; what stands before an @ in one is for whoever may come in. */
const addresses = /(_PROXY|^AWS_ENDPOINT_URL.*)$/i;

function refusePassword(name: string, value: string): void {
  if (!addresses.test(name) || !value.includes('@')) return;
  throw new PortalError(
    'credentials',
    `${name} holds a password, which is not written to a service's files`,
    {
      hint: `leave it out (env -u ${name} portalctl daemon install), and give the service one without a password`,
    },
  );
}

function refusedKeys(found: readonly string[], { systemUser }: Scope): PortalError {
  const without = `env ${keys.map((name) => `-u ${name}`).join(' ')} portalctl daemon install`;
  const instead =
    systemUser === undefined
      ? 'keep them in a profile (aws configure --profile NAME, or aws configure sso), then: AWS_PROFILE=NAME portalctl daemon install'
      : `give the machine a role, or write them to /etc/portald/${systemUser}.env (Linux) or ~${systemUser}/.aws/credentials, mode 0600`;
  return new PortalError(
    'credentials',
    `this environment has ${found.join(', ')}: secrets are not written to a service's files, and it would be without credentials`,
    {
      hint: `${instead}\nto install without them: ${without}${systemUser === undefined ? '' : ` --system ${systemUser}`}`,
    },
  );
}
