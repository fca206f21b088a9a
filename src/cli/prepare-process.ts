import { userInfo } from 'node:os';

type Variables = Record<string, string | undefined>;

/** What the libraries that this process loads expect of its environment, put there before they run. */
export function prepareProcess(variables: Variables, shellOfUser: () => unknown = () => userInfo().shell): void {
  // The AWS SDK warns on every start under Node.js 20; the versions it needs are pinned.
  variables.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // Without SHELL the command line library asks the user database, and a user who is not in it (a container's --user) ends every command there.
  if (variables.SHELL === undefined && !succeeds(shellOfUser)) variables.SHELL = '/bin/sh';
}

function succeeds(ask: () => unknown): boolean {
  try {
    ask();
    return true;
  } catch {
    return false;
  }
}
