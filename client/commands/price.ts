// portalctl price: what instance types cost at the spot price, over time and in every zone.
import { PortalError } from '../../protocol/errors.ts';
import { type MethodParameters, methodParameters } from '../../protocol/methods.ts';
import { portalsFolder } from '../../protocol/paths.ts';
import type { PriceHistory } from '../../protocol/price-history.ts';
import { warnOfOtherAccount } from '../account-warning.ts';
import { usageError } from '../arguments.ts';
import type { Command, Invocation } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportFailure } from '../failure.ts';
import { isUtf8 } from '../locale.ts';
import type { Output } from '../output.ts';
import { checkedPortalName } from '../portal-name.ts';
import { summaryOf } from '../price-summary.ts';
import { priceLines } from '../price-text.ts';
import { findSpecification, type SpecificationFile } from '../specification-file.ts';

const help = `Shows what instance types cost at the spot price: a plot of the last days with
a line for each zone of the Region, and a table. MEAN and VARIES (standard
deviation over the mean) are weighted by time. The cheapest now and the
steadiest are named, and where the specification's own zone stands.

The types are those of NAME: a specification file as for open, else a portal
that portald knows; and those given with --type, with or without NAME.

options:
  --days N    how far back, 1 to 90; default 7
  --type T    an instance type; may be given several times
  --json      print {"from", "to", "zone": the specification's, "zones",
              "types", "pools": [{"type", "zone", "now", "lowest", "highest",
              "mean", "variation", "changes", "points": [{"at", "dollars"}]}],
              "cheapest": {"type", "zone"}, "steadiest": {"type", "zone"},
              "notOffered": [{"type", "zone"}]}; or
              {"error": {"kind", "message", …}}
  -h, --help  show this help

exit codes:
  0  done
  1  failed, or none of the types is offered
  2  wrong use, or an invalid specification
  3  no daemon
  4  neither such a specification file nor such a portal

example:
  portalctl price --type g5.xlarge --type g4dn.xlarge --days 30
`;

const usage = 'price [NAME] [--type T]… [--days N] [--json]';
const hint = `usage: portalctl ${usage}`;

export const command: Command = {
  usage,
  help,
  flags: [],
  values: ['days', 'type'],
  suggestions: { type: 'instance-types' },
  repeatable: ['type'],
  argumentCount: [0, 1],
  async run(invocation) {
    const { positionals, values, output, environment, workingFolder } = invocation;
    const [argument] = positionals;
    const given = {
      days: daysOf(values.get('days')?.[0]),
      types: (values.get('type') ?? []).map(checkedType),
    };
    if (argument === undefined && given.types.length === 0)
      throw usageError('neither a portal nor an instance type is named', hint);
    const file =
      argument === undefined
        ? undefined
        : await findSpecification(argument, workingFolder, portalsFolder(environment)).catch(
            ifPortal(argument),
          );
    try {
      const wanted = file === undefined ? undefined : await wantedOf(file);
      const types = [...new Set([...(wanted?.types ?? []), ...given.types])];
      const history = await ask(invocation, {
        days: given.days,
        ...(types.length > 0 && { types }),
        ...(argument !== undefined && file === undefined && { name: checkedPortalName(argument) }),
      }).catch(ifNeither(argument));
      return tell({ ...history, ...(wanted !== undefined && { zone: wanted.zone }) }, output, environment);
    } catch (error) {
      return reportFailure(output, error, file?.shownPath);
    }
  },
};

function daysOf(text = '7'): number {
  const { minimum, maximum } = methodParameters['price.history'].properties.days;
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= minimum && days <= maximum) return days;
  throw usageError(`--days "${text}" is not a number from ${minimum} to ${maximum}`, hint);
}

function checkedType(type: string): string {
  const { pattern, form } = methodParameters['price.history'].properties.types.items;
  if (new RegExp(pattern).test(type)) return type;
  throw usageError(`"${type}" is not ${form}`, hint);
}

/** Without a file of that name it may be a portal that portald knows; a path is nothing else. */
function ifPortal(argument: string): (error: unknown) => undefined {
  return (error) => {
    const isFile = /\/|\.(yaml|yml|json)$/.test(argument);
    if (isFile || !(error instanceof PortalError) || error.kind !== 'unknown-portal') throw error;
    return undefined;
  };
}

/** portald knows nothing of the files that were looked for before it was asked. */
function ifNeither(argument: string | undefined): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof PortalError) || error.kind !== 'unknown-portal') throw error;
    throw new PortalError(
      'unknown-portal',
      `there is neither a specification file of ${argument} here nor a portal named ${argument}`,
      { hint: 'portalctl list shows the portals; portalctl price --type g5.xlarge needs neither' },
    );
  };
}

async function wantedOf({ shownPath, text }: SpecificationFile): Promise<{ types: string[]; zone: string }> {
  const { createSpecificationParser } = await import('../../protocol/specification/parse.ts');
  const parsed = createSpecificationParser()(text);
  if ('problems' in parsed) {
    throw new PortalError('specification-invalid', `${shownPath} has mistakes`, {
      problems: parsed.problems,
      hint: `correct the file, or name the types: portalctl price --type g5.xlarge`,
    });
  }
  const wanted = parsed.specification.spot_instance;
  return { types: [wanted.instance_type, ...(wanted.instance_types ?? [])], zone: wanted.availability_zone };
}

function ask(invocation: Invocation, request: MethodParameters['price.history']): Promise<PriceHistory> {
  const { output, environment } = invocation;
  return withDaemon(invocation, async (connection, greeting) => {
    warnOfOtherAccount(output, environment, greeting.aws);
    output.status('asking AWS for spot prices');
    const history = await connection.call('price.history', request);
    output.status(undefined);
    return history;
  });
}

function tell(history: PriceHistory, output: Output, environment: Invocation['environment']): number {
  const summary = summaryOf(history);
  const { pools, cheapest, steadiest, notOffered } = summary;
  if (cheapest === undefined || steadiest === undefined) {
    const one = history.types.length === 1 ? 'it is' : 'they are';
    throw new PortalError('not-found', `${history.types.join(', ')}: no spot price in this Region`, {
      hint: `check the names, and whether ${one} offered in this Region`,
    });
  }
  if (output.json) {
    const { series: _series, ...rest } = history;
    const nameOf = ({ type, zone }: { type: string; zone: string }) => ({ type, zone });
    output.value({
      ...rest,
      pools: pools.map(({ steps: _steps, ...pool }) => pool),
      cheapest: nameOf(cheapest),
      steadiest: nameOf(steadiest),
      notOffered,
    });
  } else {
    const screen = { width: output.columns(), isUnicode: isUtf8(environment) };
    for (const line of priceLines(history, summary, screen)) output.line(...line);
  }
  return exitCodes.done;
}
