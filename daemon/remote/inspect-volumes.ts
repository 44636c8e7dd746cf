// What of a portal's volumes an instance shows and has mounted. Changes nothing.
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import type { MountState } from '../portal/gateways.ts';
import type { RunScript } from './remote-command.ts';
import { volumeArguments } from './volume-arguments.ts';
import { volumeFunctions } from './volume-scripts.ts';
import { answersOf, failure } from './volume-words.ts';

const script = `${volumeFunctions}
while [ $# -gt 0 ]; do
  device=$(find_device "$1" "$2" "$3")
  point=$(resolve "$4")
  source=$(source_at "$point")
  mount=free
  if [ -n "$source" ]; then mount=occupied; fi
  if [ -n "$device" ] && [ "$source" = "$device" ]; then mount=mounted; fi
  # As the user of the channels sees it, by the path that is given to them.
  identity=
  if [ "$mount" = mounted ]; then identity=$(stat -L -c %d:%i "$4" 2>/dev/null); fi
  echo "volume $mount \${identity:-none} $device"
  shift 4
done
`;

/** The state of each volume, in their order. */
export async function inspectVolumes(
  run: RunScript,
  volumes: readonly VolumeSpecification[],
): Promise<MountState[]> {
  if (volumes.length === 0) return [];
  const result = await run(script, volumes.flatMap(volumeArguments));
  const answers = answersOf(result, 'volume');
  if (answers.length !== volumes.length) throw failure(result, 'looking for the volumes');
  return volumes.map(({ volume_id: volumeId }, index) => {
    const [mount, identity = '', device = ''] = (answers[index] ?? '').split(' ');
    return {
      volumeId,
      ...(device !== '' && { device }),
      mounted: mount === 'mounted',
      occupied: mount === 'occupied',
      ...(/^\d{1,20}:\d{1,20}$/.test(identity) && { identity }),
    };
  });
}
