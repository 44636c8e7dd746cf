// What can go wrong, in words that stay: scripts match on `kind`, people read `message` and `hint`.

/** Every stable kind of expected error, with whether trying the same again may help by itself. */
export const errorKinds = {
  usage: { retryable: false },
  'specification-invalid': { retryable: false },
  'unknown-portal': { retryable: false },
  'portal-conflict': { retryable: false },
  'identity-file': { retryable: false },
  'local-path': { retryable: false },
  credentials: { retryable: false },
  'account-mismatch': { retryable: false },
  'region-missing': { retryable: false },
  permission: { retryable: false },
  'key-pair': { retryable: false },
  'not-found': { retryable: false },
  volume: { retryable: false },
  zone: { retryable: false },
  capacity: { retryable: true },
  quota: { retryable: false },
  price: { retryable: true },
  unsupported: { retryable: false },
  'ended-early': { retryable: true },
  configuration: { retryable: false },
  throttled: { retryable: true },
  endpoint: { retryable: true },
  'no-public-address': { retryable: false },
  'host-key': { retryable: false },
  ssh: { retryable: true },
  packages: { retryable: true },
  mount: { retryable: true },
  hook: { retryable: true },
  channel: { retryable: true },
  'state-folder': { retryable: false },
  resources: { retryable: true },
  'socket-path': { retryable: false },
  'daemon-running': { retryable: false },
  service: { retryable: false },
  'no-daemon': { retryable: true },
  'invalid-message': { retryable: false },
  cancelled: { retryable: true },
  'slow-subscriber': { retryable: true },
  internal: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorKind = keyof typeof errorKinds;

/** A mistake in a text, with its place there; lines and columns count from 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  /** Path of the value, for example `channels[0].direction`; empty for the whole text. */
  readonly path: string;
  readonly message: string;
}

/** What travels as `data` of a JSON-RPC error with code `applicationErrorCode`. */
export interface ErrorData {
  readonly kind: ErrorKind;
  readonly hint?: string;
  readonly retryable: boolean;
  /** Mistakes in a specification, each with its place. */
  readonly problems?: readonly Problem[];
  /** Of an unexpected error: the id under which the daemon's log has the details. */
  readonly id?: string;
}

/** The JSON-RPC error code of every application error; `data.kind` tells them apart. */
export const applicationErrorCode = -32000;

/** An expected error: what happened, to what, and (hint) what to do. */
export class PortalError extends Error {
  override readonly name = 'PortalError';
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly problems: readonly Problem[] | undefined;
  readonly id: string | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    more: { hint?: string; problems?: readonly Problem[]; id?: string; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.kind = kind;
    this.hint = more.hint;
    this.problems = more.problems;
    this.id = more.id;
  }

  /** The form that goes over the wire. */
  toData(): ErrorData {
    return {
      kind: this.kind,
      retryable: errorKinds[this.kind].retryable,
      ...(this.hint !== undefined && { hint: this.hint }),
      ...(this.problems !== undefined && { problems: this.problems }),
      ...(this.id !== undefined && { id: this.id }),
    };
  }
}
