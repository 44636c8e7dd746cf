// What portald finds out about itself and AWS when it is asked whether all is well.
import type { CheckView } from '../protocol/check-view.ts';
import { PortalError } from '../protocol/errors.ts';
import type { MethodResults } from '../protocol/methods.ts';
import type { DiagnoseAws } from './ec2/diagnose.ts';

interface RequestContext {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

export interface DiagnosisParts {
  readonly version: string;
  readonly diagnoseAws: DiagnoseAws;
  readonly orphans: (context: RequestContext) => Promise<MethodResults['orphan.list']>;
  /** Files of records that could not be read. */
  readonly setAside: readonly { readonly file: string; readonly reason: string }[];
  readonly stateFolder: string;
  readonly agentSocket: string | undefined;
}

export type Diagnose = (context: RequestContext) => Promise<MethodResults['daemon.diagnose']>;

/** Rejects only when the request is cancelled. */
export function createDiagnosis(parts: DiagnosisParts): Diagnose {
  const { version, diagnoseAws, orphans, setAside, stateFolder, agentSocket } = parts;
  return async (context) => {
    context.progress('asking AWS what it allows');
    const aws = await diagnoseAws(context.signal);
    const self: CheckView = {
      topic: 'portald',
      level: 'fine',
      message: `${version}, process ${process.pid}, Node ${process.versions.node}`,
    };
    const damaged = setAside.map(
      ({ file, reason }): CheckView => ({
        topic: 'records',
        level: 'warning',
        message: `${file} was set aside (${reason}); its machine is kept and goes on costing`,
        fix: `portalctl orphans, then remove what you do not want, and rm '${file}'`,
      }),
    );
    return {
      checks: [self, ...damaged, ...aws, await orphanCheck(orphans, context)],
      stateFolder,
      ...(agentSocket !== undefined && agentSocket !== '' && { agentSocket }),
    };
  };
}

async function orphanCheck(orphans: DiagnosisParts['orphans'], context: RequestContext): Promise<CheckView> {
  const topic = 'orphans';
  try {
    const { length } = (await orphans(context)).orphans;
    if (length === 0)
      return { topic, level: 'fine', message: 'AWS has nothing of ours that no record wants' };
    return {
      topic,
      level: 'warning',
      message: `AWS has ${length === 1 ? 'one thing' : `${length} things`} of ours that no record wants`,
      fix: 'portalctl orphans, then portalctl orphans remove ID…',
    };
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    return { topic, level: 'unknown', message: error.message };
  }
}
