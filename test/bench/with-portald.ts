// Our way: the user opens portals, and portald does the rest.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, connectTo } from '../../client/connection.ts';
import type { PortalView } from '../../protocol/portal-view.ts';
import type { Case } from './plan.ts';
import { mountPoint, typesOf, volumeOf } from './region.ts';
import type { Measured, Scene } from './scene.ts';

/** Opens a portal for each list of cases and interrupts it; `tell` hears of each case. */
export async function recoverWithPortald(
  scene: Scene,
  plan: readonly (readonly Case[])[],
  tell: (one: Measured) => void,
): Promise<void> {
  const { stage } = scene;
  const daemon = await stage.startPortald();
  const connection = await connectTo(stage.environment['PORTALD_SOCKET'] ?? '');
  try {
    await Promise.all(
      plan.map(async (cases, portal) => {
        const name = `p${portal + 1}`;
        specify(scene, name, portal);
        const path = join(stage.project, `${name}.json`);
        await connection.call('portal.open', { name, path, text: readFileSync(path, 'utf8') });
        const { instance } = await untilOpen(connection, name);
        await scene.begin(portal, instance?.address ?? '');
        for (const one of cases) {
          await sleep(one.pauseMs);
          const { instance: old } = await untilOpen(connection, name);
          tell(await scene.interrupt(portal, one, 'notice'));
          await untilOpen(connection, name, old?.id);
        }
      }),
    );
  } catch (error) {
    process.stderr.write(daemon.log().split('\n').slice(-100).join('\n'));
    throw error;
  } finally {
    connection.close();
  }
}

function specify({ stage }: Scene, name: string, portal: number): void {
  const [instanceType, ...instanceTypes] = typesOf(portal);
  stage.specify(name, ({ spot_instance, spot_fleet, channels }) => {
    const { python_virtual_env: _, extra_python_packages: __, ...instance } = spot_instance;
    return {
      spot_instance: { ...instance, instance_type: instanceType, instance_types: instanceTypes },
      spot_fleet,
      persistent_volumes: [{ volume_id: volumeOf(portal), device: '/dev/xvdf', mount_point: mountPoint }],
      // One that looks for results each second would measure this machine's patience with so many rsyncs at a time.
      channels: channels.map((one) => ({ ...one, delay: one['direction'] === 'in' ? 60 : 1 })),
    };
  });
}

/** Waits until the portal is open, on another instance than `not`. */
async function untilOpen(connection: Connection, name: string, not?: string): Promise<PortalView> {
  for (;;) {
    const { portal } = await connection.call('portal.status', { name });
    if (portal.state === 'failed') throw new Error(`${name}: ${portal.problem?.message}`);
    if (portal.state === 'open' && portal.instance?.id !== not) return portal;
    await sleep(500);
  }
}
