import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The command, as people run it. */
export const entry = join(root, 'bin', 'run.js');

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** One user's machine: a home of its own, a kubeconfig of its own. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'kops-e2e-'));
  readonly home = join(this.folder, 'home');
  readonly kubeconfig = join(this.folder, 'kubeconfig');
  readonly env: NodeJS.ProcessEnv;

  constructor(extra: NodeJS.ProcessEnv = {}) {
    const { KOPS_STATE_STORE: _store, KOPS_CLUSTER_NAME: _name, ...inherited } = process.env;
    this.env = { ...inherited, KOPS_TS_HOME: this.home, KUBECONFIG: this.kubeconfig, HOME: this.folder, NO_COLOR: '1', no_proxy: '127.0.0.0/8', NO_PROXY: '127.0.0.0/8', ...extra };
  }

  kops(...args: string[]): Promise<Outcome> {
    return run(process.execPath, [entry, ...args], this.env);
  }

  kubectl(...args: string[]): Promise<Outcome> {
    return run('kubectl', args, this.env);
  }

  /** Applies a manifest given as text. */
  manifest(verb: 'apply' | 'create', text: string): Promise<Outcome> {
    return run('kubectl', [verb, '-f', '-'], this.env, text);
  }

  /** Starts kubectl and collects what it prints until it is stopped. */
  background(...args: string[]): { lines(): string[]; stop(): Promise<void> } {
    const child = spawn('kubectl', args, { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    return {
      lines: () => text.split('\n').filter(Boolean),
      stop: async () => {
        child.kill();
        await closed;
      },
    };
  }

  async json<T>(...args: string[]): Promise<T> {
    const outcome = await this.kubectl(...args, '-o', 'json');
    if (outcome.code !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${outcome.stderr}`);
    return JSON.parse(outcome.stdout) as T;
  }

  /** Ends the local cloud and removes the folder. */
  async close(): Promise<void> {
    await this.kops('local', 'stop');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env, input?: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(command, [...args], { env, timeout: 120_000, maxBuffer: 32 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
}

/** curl, as a user would: a new connection every time, no proxy. */
export function curl(url: string, ...args: string[]): Promise<Outcome> {
  return run('curl', ['--silent', '--show-error', '--fail', '--max-time', '10', '--noproxy', '*', ...args, url]);
}

/** Asks again until the answer is right; the last failure is the message. */
export async function eventually<T>(what: string, attempt: () => Promise<T>, seconds = 30): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`${what} did not come true within ${seconds} s: ${error instanceof Error ? error.message : error}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

export function has(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Columns of a kubectl table by head, a record a row. */
export function rows(table: string): Record<string, string>[] {
  const [head, ...lines] = table.trimEnd().split('\n');
  const columns = [...(head ?? '').matchAll(/\S+(?: \S+)*/g)].map((match) => ({ name: match[0], at: match.index }));
  return lines.map((line) => Object.fromEntries(columns.map((column, i) => [column.name, line.slice(column.at, columns[i + 1]?.at).trim()])));
}

/** Processes whose command line mentions the text: what must not be left behind. */
export async function processesWith(text: string): Promise<string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid,args']);
  return stdout.split('\n').filter((line) => line.includes(text) && !line.includes('ps -eo'));
}
