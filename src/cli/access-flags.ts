import { Flags } from '@oclif/core';
import type { AccessOptions } from '../operations/export-kubeconfig.ts';
import { usage } from './base-command.ts';

/** Flags about whom the kubeconfig lets in, as in kops. */
export const accessFlags = {
  admin: Flags.string({ summary: 'A new administrator whose certificate is valid for so long: --admin is 18h, --admin=1h is an hour. A year when absent.', helpValue: 'DURATION' }),
  user: Flags.string({ summary: 'A user that the kubeconfig has already, in place of a new administrator.', helpValue: 'NAME', exclusive: ['admin'] }),
  internal: Flags.boolean({ summary: "Use the API's address inside of the cluster's network." }),
};

/** Undefined: nothing was asked for. `validMs`: what --admin says. */
export function accessOptions(flags: { user?: string | undefined; internal?: boolean; 'api-server'?: string | undefined }, validMs: number | undefined): AccessOptions | undefined {
  if (validMs !== undefined && validMs <= 0) throw usage('--admin needs a time in which the certificate is valid', ['--admin is 18h; or say how long: --admin=1h']);
  const { user, internal, 'api-server': server } = flags;
  if (validMs === undefined && user === undefined && !internal && server === undefined) return undefined;
  return {
    ...(validMs === undefined ? {} : { validMs }),
    ...(user === undefined ? {} : { user }),
    ...(internal ? { internal } : {}),
    ...(server === undefined ? {} : { server }),
  };
}
