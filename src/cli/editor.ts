import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KopsError, messageOf } from '../lib/errors.ts';
import { formatYaml } from '../lib/yaml.ts';
import { parseKopsObjects } from '../spec/schema.ts';
import type { KopsObject } from '../spec/types.ts';

export interface EditorOptions {
  variables: Readonly<Record<string, string | undefined>>;
  /** A terminal that a person sits at. */
  interactive: boolean;
}

const header = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving, this file will be
# reopened with the relevant failures.
#
`;

/**
 * Lets a person change an object until `check` accepts it; complaints come back into the file as comments.
 * Left as it was, or emptied: the object unchanged. Left as it was after a complaint: that complaint is thrown, and says where the text is kept.
 */
export async function editWithEditor<T extends KopsObject>(object: T, options: EditorOptions, check: (changed: T) => Promise<void>): Promise<T> {
  const editor = editorOf(options);
  const folder = await mkdtemp(join(tmpdir(), 'kops-ts-edit-'));
  const path = join(folder, `${object.metadata.name}.yaml`);
  const original = formatYaml(object, { sortKeys: true });
  let body = original;
  let complaint: KopsError | undefined;
  try {
    for (;;) {
      await writeFile(path, header + comment(complaint) + body, { mode: 0o600 });
      await runEditor(editor, path, options.variables);
      const edited = withoutComments(await readFile(path, 'utf8'));
      if (edited === body && complaint) throw complaint;
      if (edited === body || edited.trim() === '') return object;
      body = edited;
      complaint = undefined;
      try {
        const changed = parseOne<T>(edited, object.metadata.name);
        await check(changed);
        return changed;
      } catch (error) {
        if (!(error instanceof KopsError)) throw error;
        complaint = error;
      }
    }
  } catch (error) {
    const left = withoutComments(await readFile(path, 'utf8').catch(() => original));
    throw left === original || left.trim() === '' ? error : await withCopy(error, object.metadata.name, left);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The error, with the way to what would be lost with it. */
export async function withCopy(error: unknown, name: string, text: string): Promise<unknown> {
  if (!(error instanceof KopsError)) return error;
  const copy = join(await mkdtemp(join(tmpdir(), 'kops-ts-edited-')), `${name}.yaml`);
  await writeFile(copy, text, { mode: 0o600 });
  error.suggestions.push(`A copy of your changes has been stored to "${copy}": kops-ts replace -f ${copy} takes it.`);
  return error;
}

function parseOne<T extends KopsObject>(text: string, name: string): T {
  const objects = parseKopsObjects(text, name);
  const [only] = objects;
  if (objects.length === 1 && only) return only as T;
  throw new KopsError('the file must hold exactly one object', { code: 'NOT_ONE_OBJECT', exit: 'invalid', object: name });
}

function comment(complaint: KopsError | undefined): string {
  return complaint === undefined
    ? ''
    : `${complaint.message
        .split('\n')
        .map((line) => `# ${line}\n`)
        .join('')}#\n`;
}

function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
}

function editorOf({ variables, interactive }: EditorOptions): string {
  const named = variables.KUBE_EDITOR ?? variables.VISUAL ?? variables.EDITOR;
  if (named) return named;
  if (interactive) return 'vi';
  throw new KopsError('there is no terminal to edit in', {
    code: 'NO_TERMINAL',
    exit: 'usage',
    suggestions: ['Name the change: --set spec.kubernetesVersion=v1.36.0', 'Or set EDITOR.'],
  });
}

/** The editor may be a command with arguments, as in `code --wait`. */
function runEditor(editor: string, path: string, variables: EditorOptions['variables']): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(`${editor} "$KOPS_TS_EDIT_FILE"`, { shell: true, stdio: 'inherit', env: { ...variables, KOPS_TS_EDIT_FILE: path } });
    const failed = (why: string, cause?: unknown) =>
      new KopsError(`the editor ${editor} ${why}`, { code: 'EDITOR_FAILED', exit: 'usage', object: editor, suggestions: ['Set EDITOR to an editor that works.'], cause });
    child.once('error', (error) => reject(failed(`does not start: ${messageOf(error)}`, error)));
    child.once('exit', (code) => (code === 0 ? resolve() : reject(failed(`ended with ${code}; nothing was changed`))));
  });
}
