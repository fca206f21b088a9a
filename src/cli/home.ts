import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

/** The folder of everything that is ours on this machine: KOPS_TS_HOME, else the platform's place for user data. */
export function homeFolder(variables: Variables, platform: NodeJS.Platform = process.platform): string {
  if (variables.KOPS_TS_HOME) return resolve(variables.KOPS_TS_HOME);
  const user = variables.HOME ?? homedir();
  if (platform === 'darwin') return join(user, 'Library', 'Application Support', 'kops-ts');
  if (platform === 'win32') return join(variables.LOCALAPPDATA ?? join(user, 'AppData', 'Local'), 'kops-ts');
  const data = variables.XDG_DATA_HOME;
  return join(data && isAbsolute(data) ? data : join(user, '.local', 'share'), 'kops-ts');
}

/** The state store's URL: the flag or KOPS_STATE_STORE, else a folder in the home. A trailing slash is cut, as in kops. */
export function stateStoreUrl(flag: string | undefined, home: string): string {
  return flag === undefined || flag === '' ? `file://${join(home, 'state')}` : flag.replace(/\/+$/, '');
}
