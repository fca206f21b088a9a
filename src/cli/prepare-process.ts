import { userInfo } from 'node:os';

/** What the libraries that this process loads expect of its environment, put there before they run. */
export function prepareProcess(variables: Record<string, string | undefined>): void {
  // The AWS SDK warns on every start under Node.js 20; the versions it needs are pinned.
  variables.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // Without SHELL the command line library asks the user database, and a user who is not in it (a container's --user) ends every command there.
  if (variables.SHELL === undefined && !isInUserDatabase()) variables.SHELL = '/bin/sh';
}

function isInUserDatabase(): boolean {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
}
