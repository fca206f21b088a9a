import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyChange } from '../../../src/cli/change-of.ts';
import { editWithEditor } from '../../../src/cli/editor.ts';
import { KopsError } from '../../../src/lib/errors.ts';
import type { Change } from '../../../src/operations/edit-objects.ts';
import type { Operator } from '../../../src/operations/operator.ts';
import { newCluster } from '../../../src/spec/new-cluster.ts';
import type { Cluster } from '../../../src/spec/types.ts';

const { cluster } = newCluster({ name: 'a.k8s.local', cloud: 'test', zones: ['us-test-1a'], configBase: 'memory://x' });

describe('editing in an editor', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'editor-'));
    // Copies of what would be lost go here.
    vi.stubEnv('TMPDIR', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  /** An editor that runs a line of shell for each time it is opened; what it saw is kept. */
  function editor(...lines: string[]) {
    const script = join(folder, 'editor.sh');
    const steps = lines.map((line, i) => `  ${i}) ${line} ;;`).join('\n');
    writeFileSync(script, `#!/bin/sh\nn=$(cat ${folder}/n 2>/dev/null || echo 0)\ncp "$1" ${folder}/seen-$n\ncase $n in\n${steps}\nesac\necho $((n+1)) > ${folder}/n\n`);
    chmodSync(script, 0o700);
    return { variables: { ...process.env, EDITOR: script, VISUAL: undefined, KUBE_EDITOR: undefined }, interactive: false };
  }
  const accept = async () => {};

  it('gives back what was saved', async () => {
    const changed = await editWithEditor(cluster, editor('sed -i s/v1.36.0/v1.35.1/ "$1"'), accept);
    expect(changed).toEqual({ ...cluster, spec: { ...cluster.spec, kubernetesVersion: 'v1.35.1' } });
  });

  it('changes nothing when the file is left alone or emptied', async () => {
    expect(await editWithEditor(cluster, editor('true'), accept)).toBe(cluster);
    rmSync(join(folder, 'n'));
    expect(await editWithEditor(cluster, editor(': > "$1"'), accept)).toBe(cluster);
  });

  it('opens again with what is wrong, until it is right', async () => {
    const options = editor('sed -i s/kubernetesVersion/kubernetesVerson/ "$1"', 'sed -i s/kubernetesVerson:.*/kubernetesVersion:\\ v1.35.0/ "$1"');
    const changed = await editWithEditor(cluster, options, accept);
    expect(changed.spec.kubernetesVersion).toBe('v1.35.0');
    expect(readFileSync(join(folder, 'seen-1'), 'utf8')).toContain(
      '# ' + '  Cluster/a.k8s.local spec.kubernetesVerson: is not a field of kops.k8s.io/v1alpha2 (did you mean kubernetesVersion?)',
    );
  });

  it('throws the complaint when the person gives up', async () => {
    const check = async () => {
      throw new KopsError('no such version', { code: 'X', exit: 'invalid' });
    };
    await expect(editWithEditor(cluster, editor('sed -i s/v1.36.0/v1.35.1/ "$1"', 'true'), check)).rejects.toThrow('no such version');
  });

  it('loses nothing that was written, whatever fails', async () => {
    const kept = async (work: Promise<unknown>) => {
      const error = (await work.catch((reason: unknown) => reason)) as KopsError;
      const [, path = ''] = /stored to "([^"]+)"/.exec(error.suggestions.join()) ?? [];
      const text = readFileSync(path, 'utf8');
      return [error.code, text.includes('v1.35.1')];
    };
    expect(await kept(editWithEditor(cluster, editor('sed -i s/v1.36.0/v1.35.1/ "$1"; exit 3'), accept))).toEqual(['EDITOR_FAILED', true]);
    const operator = { environment: { variables: editor('sed -i s/v1.36.0/v1.35.1/ "$1"').variables } } as unknown as Operator;
    const conflict = async (change: Change<Cluster>) => {
      await change(cluster);
      throw new KopsError('somebody was faster', { code: 'STATE_CONFLICT', exit: 'conflict' });
    };
    expect(await kept(applyChange(operator, {}, accept, conflict))).toEqual(['STATE_CONFLICT', true]);
  });

  it('says so when there is no editor, or it fails', async () => {
    await expect(editWithEditor(cluster, { variables: {}, interactive: false }, accept)).rejects.toMatchObject({ code: 'NO_TERMINAL' });
    await expect(editWithEditor(cluster, editor('exit 3'), accept)).rejects.toMatchObject({ code: 'EDITOR_FAILED' });
  });
});
