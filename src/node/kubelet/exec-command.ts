import type { Runtime } from '../runtime/runtime.ts';

const longestOutputBytes = 10 * 1024;

/** Runs a command in a container and collects the first 10 KiB of what it prints. */
export async function execCommand(runtime: Runtime, containerId: string, command: string[], signal: AbortSignal): Promise<{ exitCode: number; output: string }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const collect = (chunk: Uint8Array) => {
    if (length >= longestOutputBytes) return;
    chunks.push(chunk.subarray(0, longestOutputBytes - length));
    length += chunk.length;
  };
  const exitCode = await runtime.exec(containerId, command, { stdout: collect, stderr: collect, tty: false, signal });
  return { exitCode, output: Buffer.concat(chunks).toString() };
}
