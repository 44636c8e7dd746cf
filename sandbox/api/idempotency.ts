// Client tokens: the same token with the same parameters gives the same answer, with others it is refused.
import type { Call } from './call.ts';
import { Ec2Error } from './error.ts';
import type { Xml } from './xml.ts';

type Answer = { [element: string]: Xml };

/** Remembers answers by account, action and token. */
export type TokenMemory = Map<string, { parameters: string; answer: Answer }>;

/** Does `act` once for each token; without a token, always. Throws IdempotentParameterMismatch. */
export function once(
  memory: TokenMemory,
  action: string,
  token: string | undefined,
  call: Call,
  act: () => Answer,
): Answer {
  if (token === undefined) return act();
  if (token.length > 64 || !/^[\x21-\x7e]+$/.test(token)) {
    throw new Ec2Error('InvalidParameterValue', 'Client tokens have at most 64 ASCII characters.');
  }
  const key = `${call.account} ${action} ${token}`;
  const parameters = JSON.stringify(call.form);
  const known = memory.get(key);
  if (known && known.parameters !== parameters) {
    throw new Ec2Error(
      'IdempotentParameterMismatch',
      `The request uses the same client token as a previous, but non-identical request: ${token}`,
    );
  }
  if (known) return known.answer;
  const answer = act();
  memory.set(key, { parameters, answer });
  return answer;
}
