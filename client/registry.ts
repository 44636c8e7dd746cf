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
      summary: "take up what an open portal's specification says now",
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
      summary: "show a portal's channels; sync, pause and resume them",
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
      summary: 'tell what happened last, or what happens, as it happens',
      load: async () => (await import('./commands/events.ts')).command,
    },
  ],
  [
    'info',
    {
      summary: "tell one thing about a portal's instance, for scripts",
      load: async () => (await import('./commands/info.ts')).command,
    },
  ],
  [
    'ssh',
    {
      summary: "log in to a portal's instance, or run a command there",
      load: async () => (await import('./commands/ssh.ts')).command,
    },
  ],
  [
    'logs',
    {
      summary: "show portald's own log",
      load: async () => (await import('./commands/logs.ts')).command,
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
    'completion',
    {
      summary: 'print the script by which a shell completes portalctl',
      load: async () => (await import('./commands/completion.ts')).command,
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
    'daemon',
    {
      summary: 'make portald a service, start and stop it',
      load: async () => (await import('./commands/daemon.ts')).command,
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
