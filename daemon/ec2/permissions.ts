// Which actions of iam-policy.json the credentials may do. Changes nothing: by calls that only look and by dry runs; what
// an EC2 that knows no dry runs did all the same is undone at once, and told.
import type { CheckView } from '../../protocol/check-view.ts';
import { awsCodeOf, sortAwsError } from './aws-errors.ts';
import {
  calls,
  dryRuns,
  type Ec2,
  launches,
  onlyForOurs,
  type Question,
  untold,
} from './permission-questions.ts';
import type { AskSpotQuota } from './service-quotas.ts';

export interface PermissionParts {
  /** Asks Service Quotas, whose permission is its own. */
  readonly askQuota: AskSpotQuota;
  /** This installation's id. */
  readonly installation: string;
  /** Where iam-policy.json is. */
  readonly policyFile: string;
}

const quotaAction = 'servicequotas:GetServiceQuota';

/** Every action that is asked about. */
export const examinedActions: readonly string[] = [
  ...Object.keys(calls),
  ...Object.keys(dryRuns),
  ...Object.keys(launches),
  ...Object.keys(untold),
  quotaAction,
];

type Answer =
  | 'allowed'
  /** `named`: the action that AWS names as the one that is missing, if it names one. */
  | { readonly missing: string | undefined }
  | { readonly untold: string }
  /** A dry run was none; `left`: what came of it and could not be undone. */
  | { readonly left: readonly string[] };

/** One check for each action, by name. Rejects only when `signal` aborts. */
export async function examinePermissions(
  ec2: Ec2,
  { askQuota, policyFile, installation }: PermissionParts,
  account: string | undefined,
  signal: AbortSignal,
): Promise<CheckView[]> {
  const options = { abortSignal: signal };
  const answers = new Map<string, Answer>();
  const askAll = (questions: Readonly<Record<string, Question>>, isDryRun: boolean): Promise<unknown> =>
    Promise.all(
      Object.entries(questions).map(async ([action, ask]) => {
        answers.set(action, await answerTo(() => ask(ec2, options), isDryRun));
      }),
    );
  await Promise.all([
    askAll(calls, false),
    askAll(dryRuns, true),
    answerTo(async () => await askQuota('m5.large', signal), false).then((answer) =>
      answers.set(quotaAction, answer),
    ),
  ]);
  for (const action of onlyForOurs) {
    if (isMissing(answers.get(action)))
      answers.set(action, {
        untold: 'the policy allows it for what carries our tag; told only with such a thing',
      });
  }
  answers.set(
    'ec2:RequestSpotFleet',
    account === undefined
      ? { untold: 'told only once the account is known' }
      : await answerTo(() => askForFleet(ec2, account, installation), true),
  );
  // An instance costs: whether one may be launched is asked only where dry runs are proved to be kept to.
  const told = [...answers].filter(
    ([action]) => Object.hasOwn(dryRuns, action) || Object.hasOwn(launches, action),
  );
  const isKeptTo =
    answers.get('ec2:RequestSpotFleet') === 'allowed' &&
    told.every(([, answer]) => answer === 'allowed' || !('left' in answer));
  answers.set(
    'ec2:RunInstances',
    isKeptTo
      ? await answerTo(() => askForInstance(ec2, installation), true)
      : { untold: 'told only where the dry run of ec2:RequestSpotFleet is allowed' },
  );
  for (const [action, why] of Object.entries(untold))
    answers.set(action, { untold: `cannot be told without doing it: ${why}` });
  signal.throwIfAborted();
  return [...answers]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([action, answer]) => checkOf(action, answer, policyFile));
}

function isMissing(answer: Answer | undefined): boolean {
  return typeof answer === 'object' && 'missing' in answer;
}

/** What an answer, or AWS's error, says of the permission. */
async function answerTo(ask: () => Promise<unknown>, isDryRun: boolean): Promise<Answer> {
  try {
    const answer = await ask();
    if (isDryRun) return { left: Array.isArray(answer) ? answer.map(String) : [] };
    return answer === undefined ? { untold: 'this EC2 is none of AWS, which has the quotas' } : 'allowed';
  } catch (error) {
    const code = awsCodeOf(error);
    if (code === 'DryRunOperation') return 'allowed';
    const { kind, message } = sortAwsError(error, 'asking');
    const isCode = kind !== 'endpoint' && code !== '' && !/^(Error|\w*Error)$/.test(code);
    if (kind === 'permission') return { missing: /authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1] };
    return { untold: `not told (${isCode ? code : message.replace(/^asking: /, '')})` };
  }
}

/** Not given up when the client goes away: what it did has to be undone. Resolves to what is left. */
async function askForFleet(ec2: Ec2, account: string, installation: string): Promise<readonly string[]> {
  const fleet = await launches['ec2:RequestSpotFleet'](ec2, account, installation);
  if (fleet === undefined) return [];
  return undone([fleet], async (ids) => {
    const answer = await ec2.cancelSpotFleetRequests({ SpotFleetRequestIds: ids, TerminateInstances: true });
    // HTTP 200 does not mean that it worked: refusals come item by item.
    if ((answer.UnsuccessfulFleetRequests ?? []).length > 0) throw new Error('it was not cancelled');
  });
}

async function askForInstance(ec2: Ec2, installation: string): Promise<readonly string[]> {
  const instances = await launches['ec2:RunInstances'](ec2, installation);
  return undone(instances, (ids) => ec2.terminateInstances({ InstanceIds: ids }));
}

async function undone(ids: string[], undo: (ids: string[]) => Promise<unknown>): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  return undo(ids).then(
    () => [],
    () => ids,
  );
}

function checkOf(action: string, answer: Answer, policyFile: string): CheckView {
  if (answer === 'allowed') return { topic: action, level: 'fine', message: 'allowed' };
  if ('missing' in answer) {
    const policy = `--policy-name portald --policy-document 'file://${policyFile}'`;
    const other =
      answer.missing === undefined || answer.missing === action ? '' : `: AWS misses ${answer.missing}`;
    return {
      topic: action,
      level: 'problem',
      message: `not allowed${other}`,
      fix:
        `aws iam put-user-policy --user-name USER ${policy}\n` +
        `or, for a role: aws iam put-role-policy --role-name ROLE ${policy}`,
    };
  }
  if ('left' in answer) {
    const isClean = answer.left.length === 0;
    const isLooking = /:(Describe|Get)/.test(action);
    return {
      topic: action,
      level: isLooking ? 'warning' : 'problem',
      message: `this EC2 carries dry runs out; ${isLooking ? 'this one only looks' : isClean ? 'it was undone' : `${answer.left.join(', ')} is left and may cost`}`,
      fix: isClean
        ? 'tell who runs this EC2 that it does not keep to DryRun'
        : `remove ${answer.left.join(', ')} by hand, at once`,
    };
  }
  return { topic: action, level: 'unknown', message: answer.untold };
}
