// Request ids that JavaScript's numbers do not hold as they were written: returned, they would be another's.
import { isJsonObject } from '../../protocol/json-object.ts';

type Reviver = (
  this: unknown,
  key: string,
  value: unknown,
  context?: { readonly source?: string },
) => unknown;

/** Of a message or a batch that was parsed from `text`, the members whose ids would come back changed; compared by identity. */
export interface ParsedMessage {
  readonly message: unknown;
  readonly changed: ReadonlySet<unknown>;
}

/** Throws SyntaxError. */
export function parseMessage(text: string): ParsedMessage {
  const message: unknown = JSON.parse(text);
  const members = Array.isArray(message) ? message : [message];
  if (!members.some(hasDoubtfulId)) return { message, changed: new Set() };
  // Once more, with the digits: that takes much longer.
  const changed = new Set<unknown>();
  const reviver: Reviver = function note(key, value, context) {
    const isChanged = key === 'id' && typeof value === 'number' && String(value) !== context?.source;
    if (isChanged && !Number.isSafeInteger(value)) changed.add(this);
    return value;
  };
  return { message: JSON.parse(text, reviver), changed };
}

/** Whole numbers of up to 2^53 are exact, however they are written. */
function hasDoubtfulId(member: unknown): boolean {
  return isJsonObject(member) && typeof member['id'] === 'number' && !Number.isSafeInteger(member['id']);
}
