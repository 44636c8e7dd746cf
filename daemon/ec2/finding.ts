// What EC2's answers say about a specification before anything is launched.
import type { ErrorKind } from '../../protocol/errors.ts';
import type { FindingLevel } from '../../protocol/finding.ts';
import type { Specification } from '../../protocol/specification/schema.ts';
import type { Mistake } from '../../protocol/validate.ts';
import type { Aws } from './aws.ts';
import type { Image } from './client-ec2.ts';

export interface Finding {
  readonly level: FindingLevel;
  /** The value that it is about. */
  readonly path: Mistake['path'];
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint?: string;
}

export interface CheckContext {
  readonly specification: Specification;
  /** Of the identity file, in OpenSSH's form. */
  readonly publicKey: string;
  /** The account's id, if it is known. */
  readonly account?: string;
  /** The specification's image, asked for once; undefined if there is none of that id. */
  readonly image: () => Promise<Image | undefined>;
  readonly ec2: Awaited<ReturnType<Aws['client']>>;
  readonly options: { readonly abortSignal: AbortSignal };
  /** AWS's time, milliseconds. */
  readonly now: () => number;
}

/** One question to EC2; rejects with the AWS client's error. */
export interface Check {
  /** What is asked about, in words. */
  readonly about: (specification: Specification) => string;
  /** Where an answer's refusal belongs. */
  readonly path: Mistake['path'];
  /** Without an answer to it nothing is opened. */
  readonly isEssential: boolean;
  readonly run: (context: CheckContext) => Promise<readonly Finding[]>;
}
