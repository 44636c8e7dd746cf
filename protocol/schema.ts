// The small part of JSON Schema that our contract uses, and the TypeScript type that each schema stands for.
// Deriving the type from the schema keeps what we check and what we compile against from drifting apart.

interface Described {
  readonly description?: string;
}

export interface StringSchema extends Described {
  readonly type: 'string';
  readonly enum?: readonly string[];
  readonly pattern?: string;
  /** What `pattern` says, in words that go on after "must be". */
  readonly form?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface NumberSchema extends Described {
  readonly type: 'number' | 'integer';
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface BooleanSchema extends Described {
  readonly type: 'boolean';
}

export interface ArraySchema extends Described {
  readonly type: 'array';
  readonly items: Schema;
  readonly minItems?: number;
}

export interface ObjectSchema extends Described {
  readonly type: 'object';
  readonly properties: { readonly [name: string]: Schema };
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

export type Schema = StringSchema | NumberSchema | BooleanSchema | ArraySchema | ObjectSchema;

type Flat<T> = { [K in keyof T]: T[K] };

type InferObject<P, R> = Flat<
  { -readonly [K in keyof P as K extends R ? K : never]: Infer<P[K]> } & {
    -readonly [K in keyof P as K extends R ? never : K]?: Infer<P[K]>;
  }
>;

/** The type of the values that satisfy the schema `S`. */
export type Infer<S> = S extends { readonly enum: readonly (infer E)[] }
  ? E
  : S extends { readonly type: 'string' }
    ? string
    : S extends { readonly type: 'number' | 'integer' }
      ? number
      : S extends { readonly type: 'boolean' }
        ? boolean
        : S extends { readonly type: 'array'; readonly items: infer I }
          ? Infer<I>[]
          : S extends {
                readonly type: 'object';
                readonly properties: infer P;
                readonly required: readonly (infer R)[];
              }
            ? InferObject<P, R>
            : never;
