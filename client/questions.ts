// Questions to the person at the terminal, one after the other: a text, or one of a list.
import { startAnswers } from './answers.ts';
import type { Output } from './output.ts';

export interface Choice {
  readonly value: string;
  /** What is shown beside the value. */
  readonly about: string;
}

/** What is wrong with an answer, in words; undefined if nothing is. */
export type Wrong = (answer: string) => string | undefined | Promise<string | undefined>;

export interface Questions {
  /** A text; `fallback` for an empty answer. Asks again while `wrong` has something to say. */
  text(question: string, options?: { fallback?: string; wrong?: Wrong }): Promise<string>;
  /**
   * One of `choices`, by its number or its value, or another text, if `wrong` has nothing to say of it; the first one for
   * an empty answer.
   */
  choose(question: string, choices: readonly Choice[], wrong?: Wrong): Promise<string>;
  close(): void;
}

/**
 * Asks whoever runs the command. Ctrl-D and the end of a pipe reject with PortalError `cancelled`, Ctrl-C with an Interruption.
 */
export function startQuestions(output: Output): Questions {
  const answers = startAnswers('nothing was written');

  const text: Questions['text'] = async (question, { fallback = '', wrong } = {}) => {
    for (;;) {
      const answer =
        (await answers.ask(`${question}${fallback === '' ? '' : ` [${fallback}]`}: `)) || fallback;
      const trouble = await wrong?.(answer);
      if (trouble === undefined) return answer;
      output.line({ text: trouble, style: 'yellow' });
    }
  };
  return {
    text,
    async choose(question, choices, wrong) {
      for (const [index, { value, about }] of choices.entries()) {
        output.line(`  ${String(index + 1).padStart(2)}  ${value}${about === '' ? '' : `  ${about}`}`);
      }
      const answer = await text(question, {
        ...(choices.length > 0 && { fallback: '1' }),
        wrong: (given) => {
          if (given === '' || (/^\d+$/.test(given) && choices[Number(given) - 1] === undefined))
            return choices.length === 0
              ? 'there is nothing to choose from: type it'
              : `a number from 1 to ${choices.length}, or another one, typed out`;
          const isOffered = /^\d+$/.test(given) || choices.some(({ value }) => value === given);
          return isOffered ? undefined : wrong?.(given);
        },
      });
      return /^\d+$/.test(answer) ? (choices[Number(answer) - 1]?.value ?? answer) : answer;
    },
    close: answers.close,
  };
}
