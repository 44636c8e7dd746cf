// What every answer of an AWS service must be before anything is made of it: AWS's own, whole in time, of a size that this
// process can read, and with values of the form that their names promise.
import { foreignAnswer } from './answer-form.ts';
import { falseValueIn } from './answer-values.ts';
import type { Ec2 } from './client-ec2.ts';

export interface AnswerLimits {
  /** From its headers to its end, milliseconds. */
  readonly wholeMs: number;
  readonly bytes: number;
}

/** The largest answers, of a thousand instances or images, are some megabytes; to read one takes forty times that memory. */
export const answerLimits: AnswerLimits = { wholeMs: 15_000, bytes: 8 * 1024 * 1024 };

interface Response {
  readonly statusCode?: number;
  readonly headers?: Record<string, string>;
  body?: unknown;
}

/** Guards the answers of one client. */
export function guardAnswers({ middlewareStack }: Pick<Ec2, 'middlewareStack'>, limits = answerLimits): void {
  // Nearest to the wire: before the answer is read, and for each attempt.
  middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const response = result.response as Response;
      const foreign = foreignAnswer(response.statusCode ?? 0, response.headers?.['content-type']);
      const { body } = response;
      if (foreign !== undefined) {
        if (isStream(body)) body.destroy();
        throw foreign;
      }
      if (isStream(body)) response.body = await wholeOf(body, limits);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'readWholeAnswer' },
  );
  middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const found = falseValueIn(result.output);
      if (found !== undefined) throw falseAnswer(`an answer with the ${found}, which is none`);
      return result;
    },
    { step: 'initialize', name: 'refuseFalseValues' },
  );
}

/** As of no answer: what it says is not believed, and a call that changes something may have worked. */
export function falseAnswer(message: string): Error {
  return Object.assign(new Error(message), { name: 'FalseAnswer' });
}

interface Body extends AsyncIterable<Uint8Array> {
  destroy(): void;
}

function isStream(body: unknown): body is Body {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body && 'destroy' in body;
}

async function wholeOf(body: Body, { wholeMs, bytes }: AnswerLimits): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    body.destroy();
  }, wholeMs);
  const late = (): Error =>
    Object.assign(new Error(`its answer began, and was not whole after ${wholeMs / 1000} s`), {
      name: 'TimeoutError',
    });
  try {
    for await (const piece of body) {
      size += piece.length;
      if (size > bytes) throw falseAnswer(`an answer of more than ${bytes} bytes`);
      pieces.push(piece);
    }
  } catch (error) {
    throw isLate ? late() : error;
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
  if (isLate) throw late();
  return Buffer.concat(pieces, size);
}
