// The commands of portalctl. Each is loaded only when it is asked for: start-up time is part of the product.
import type { CommandEntry, Commands } from './command.ts';

/** By name, in the order of the help. */
export const commands: Commands = new Map<string, CommandEntry>([
  [
    'init',
    {
      summary: 'write a specification to begin with',
      load: async () => (await import('./commands/init.ts')).command,
    },
  ],
  [
    'open',
    {
      summary: 'open the portal of a specification, and wait until it is open',
      load: async () => (await import('./commands/open.ts')).command,
    },
  ],
  [
    'reload',
    {
      summary: 'take up what an open portal’s specification says now',
      load: async () => (await import('./commands/reload.ts')).command,
    },
  ],
  [
    'status',
    {
      summary: 'show the daemon and its portals, or one portal in detail',
      load: async () => (await import('./commands/status.ts')).command,
    },
  ],
  [
    'why',
    {
      summary: 'tell why a portal is as it is, and what you can do',
      load: async () => (await import('./commands/why.ts')).command,
    },
  ],
  [
    'channel',
    {
      summary: 'show a portal’s channels; sync, pause and resume them',
      load: async () => (await import('./commands/channel.ts')).command,
    },
  ],
  [
    'close',
    {
      summary: 'close a portal, and wait until everything it cost is gone',
      load: async () => (await import('./commands/close.ts')).command,
    },
  ],
  [
    'list',
    {
      summary: 'list the portals and their states',
      load: async () => (await import('./commands/list.ts')).command,
    },
  ],
  [
    'events',
    {
      summary: 'tell what happens, as it happens, until Ctrl-C',
      load: async () => (await import('./commands/events.ts')).command,
    },
  ],
  [
    'orphans',
    {
      summary: 'list what AWS has of ours and no portal wants, or remove it',
      load: async () => (await import('./commands/orphans.ts')).command,
    },
  ],
  [
    'volume',
    {
      summary: 'list, create, change, copy and delete EBS volumes and snapshots',
      load: async () => (await import('./commands/volume.ts')).command,
    },
  ],
  [
    'validate',
    {
      summary: 'check a specification, by itself or by what the account has',
      load: async () => (await import('./commands/validate.ts')).command,
    },
  ],
  [
    'price',
    {
      summary: 'show spot prices over time and in every zone',
      load: async () => (await import('./commands/price.ts')).command,
    },
  ],
  [
    'image',
    {
      summary: 'find machine images by words',
      load: async () => (await import('./commands/image.ts')).command,
    },
  ],
  [
    'doctor',
    {
      summary: 'look at whatever portald needs, and tell what to fix',
      load: async () => (await import('./commands/doctor.ts')).command,
    },
  ],
  [
    'help',
    {
      summary: 'show this help, or that of one command',
      load: async () => (await import('./commands/help.ts')).command,
    },
  ],
]);
