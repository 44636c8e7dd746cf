// portalctl image search: finds machine images by words.
import type { ImageView } from '../../protocol/image-view.ts';
import { type MethodParameters, type MethodResults, methodParameters } from '../../protocol/methods.ts';
import { warnOfOtherAccount } from '../account-warning.ts';
import { usageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { tableLines } from '../table.ts';

const help = `Finds machine images (AMIs) of the Region that have all WORDS in their name or
description, in any order and case, newest first. One of the words must have
three letters or more. Deprecated images and those of Windows are left out.

options:
  --owner O         amazon, self, or an account's id of 12 digits; by default
                    amazon's images (Deep Learning images are among them) and
                    your own
  --architecture A  x86_64 or arm64; by default both
  --limit N         show at most N; default 20
  --json            print {"images": [{"id", "name", "description",
                    "createdAt", "architecture", "rootSizeGiB", "owner"}],
                    "found": how many there are, "isCut": whether EC2 has more
                    than were looked at}; or
                    {"error": {"kind", "message", …}}
  -h, --help        show this help

exit codes:
  0  done, also when there is no such image
  1  failed
  2  wrong use
  3  no daemon

example:
  portalctl image search deep learning pytorch ubuntu --architecture x86_64
`;

const usage = 'image search WORDS… [OPTION]… [--json]';
const hint = `usage: portalctl ${usage}`;
const parameters = methodParameters['image.search'].properties;

export const command: Command = {
  usage,
  help,
  flags: [],
  values: ['owner', 'architecture', 'limit'],
  argumentCount: [1, Number.POSITIVE_INFINITY],
  missing: 'what to do ("search")',
  run(invocation) {
    const { positionals, values, output, environment } = invocation;
    const [verb, ...rest] = positionals;
    if (verb !== 'search') throw usageError(`unexpected argument "${verb}"`, hint);
    const words = rest.flatMap((word) => word.split(/\s+/)).filter((word) => word !== '');
    if (words.length === 0) throw usageError('what to search for is missing', hint);
    const request = requestOf(words, values.get('owner')?.[0], values.get('architecture')?.[0]);
    const limit = limitOf(values.get('limit')?.[0]);
    return withDaemon(invocation, async (connection, greeting) => {
      warnOfOtherAccount(output, environment, greeting.aws);
      output.status('asking AWS for images');
      const answer = await connection.call('image.search', request);
      output.status(undefined);
      const images = answer.images.slice(0, limit);
      if (output.json) output.value({ images, found: answer.images.length, isCut: answer.isCut });
      else tell(images, answer, output);
      return exitCodes.done;
    });
  },
};

function requestOf(
  words: string[],
  owner: string | undefined,
  architecture: string | undefined,
): MethodParameters['image.search'] {
  if (owner !== undefined && !new RegExp(parameters.owner.pattern).test(owner))
    throw usageError(`--owner "${owner}" is not ${parameters.owner.form}`, hint);
  const known = parameters.architecture.enum.find((one) => one === architecture);
  if (architecture !== undefined && known === undefined)
    throw usageError(
      `--architecture "${architecture}" is not ${parameters.architecture.enum.join(' or ')}`,
      hint,
    );
  return {
    words,
    ...(owner !== undefined && { owner }),
    ...(known !== undefined && { architecture: known }),
  };
}

function limitOf(text = '20'): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw usageError(`--limit "${text}" is not a number from 1 to 99999`, hint);
}

function tell(
  images: readonly ImageView[],
  { images: all, isCut }: MethodResults['image.search'],
  output: Output,
): void {
  if (all.length === 0) output.line('no image has all these words');
  else {
    const rows = images.map(({ id, createdAt, architecture, rootSizeGiB, owner, name }) => [
      id,
      createdAt.slice(0, 10),
      architecture,
      rootSizeGiB === undefined ? '-' : `${rootSizeGiB} GiB`,
      owner,
      name,
    ]);
    for (const line of tableLines([['ID', 'CREATED', 'ARCH', 'ROOT', 'OWNER', 'NAME'], ...rows]))
      output.line(line);
  }
  if (images.length < all.length)
    output.line(`${images.length} of ${all.length}: --limit ${all.length} shows all, further words fewer`);
  if (isCut) {
    const warning = 'EC2 has more images with such a word than were looked at: newer ones may be among them';
    output.complain({ text: 'warning: ', style: 'yellow' }, warning);
    output.complain('hint: name a longer or rarer word, or an --owner');
  }
}
