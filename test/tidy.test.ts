import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Who may import whom inside src: the layer table of src/README.md as data. `lib` may be imported by all. */
const layers: Record<string, string[]> = {
  lib: [],
  kube: [],
  fabric: [],
  pki: [],
  spec: ['kube'],
  cloud: ['spec', 'kube', 'fabric'],
  state: ['spec', 'pki'],
  bootstrap: ['cloud', 'spec', 'pki', 'kube', 'fabric'],
  plan: ['cloud', 'spec'],
  cost: ['plan', 'cloud', 'spec'],
  operations: ['plan', 'cost', 'bootstrap', 'state', 'cloud', 'spec', 'pki', 'kube'],
  'control-plane': ['kube', 'pki', 'fabric', 'cloud'],
  node: ['kube', 'pki', 'fabric', 'bootstrap'],
  nodeup: ['bootstrap', 'control-plane', 'node', 'cloud', 'pki', 'fabric', 'kube'],
  cli: ['operations', 'plan', 'cost', 'state', 'cloud', 'spec', 'kube'],
  commands: ['cli', 'operations', 'nodeup', 'plan', 'cost', 'state', 'cloud', 'spec', 'kube'],
};

/** Files that adapt the outside world and may therefore touch it, each with its reason. */
const adapters = new Set(['src/lib/clock.ts', 'src/lib/random.ts', 'src/lib/node-disk.ts', 'src/cli/process-environment.ts', 'providers/local/daemon/main.ts']);

const banned: [RegExp, string][] = [
  [/\bDate\.now\(|\bnew Date\(\)/, 'the clock is injected: use environment.clock'],
  [/\bMath\.random\(|import \{[^}]*\brandom(UUID|Bytes|Int)\b[^}]*\} from 'node:crypto'/, 'chance is injected: use environment.random'],
  [/(?<![.\w])set(Timeout|Interval|Immediate)\((?!\w*(\)|: ))/, 'timers are injected: use environment.clock'],
  [/\bprocess\.(env|hrtime|exit)\b/, 'the process is injected: use the environment'],
  [/\bperformance\.|AbortSignal\.timeout\(/, 'time is injected: use environment.clock'],
  [/\bconsole\./, 'output is injected: use a log, or return data'],
];

const maximumLines = 400;

function files(folder: string, ending = '.ts'): string[] {
  let entries: import('node:fs').Dirent[];
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? files(path, ending) : path.endsWith(ending) ? [path] : [];
  });
}

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:])\/\/.*$/gm, '$1');

function imports(path: string): string[] {
  const found = [...read(path).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] as string);
  return found.map((target) => relative(root, join(root, dirname(path), target)));
}

const sources = [...files('src'), ...files('providers')];

describe('tidy', () => {
  it('imports go down only', () => {
    const wrong: string[] = [];
    for (const path of files('src')) {
      const module = path.split('/')[1] as string;
      for (const target of imports(path)) {
        const [top, other] = target.split('/');
        if (top === 'providers') {
          if (path !== 'src/cli/providers.ts') wrong.push(`${path} imports ${target}: only src/cli/providers.ts knows which providers there are`);
        } else if (other !== module && other !== 'lib' && !path.match(/^src\/index\.ts$/) && !layers[module]?.includes(other as string)) {
          wrong.push(`${path} imports ${target}: src/${module} may import only ${['lib', ...(layers[module] ?? [])].join(', ')}`);
        }
      }
    }
    expect(wrong, 'move the code to the layer it belongs to, or pass what it needs as a parameter').toEqual([]);
  });

  it('the table of modules in src/README.md is the one that is checked', () => {
    const table = [...read('src/README.md').matchAll(/^\| `([a-z-]+)` \|.*\| ([a-z -]+) \|$/gm)].map((row) => [
      row[1],
      row[2] === 'nothing' ? [] : (row[2] as string).split(' ').sort(),
    ]);
    expect(Object.fromEntries(table), 'change both, and say why').toEqual(Object.fromEntries(Object.entries(layers).map(([module, below]) => [module, [...below].sort()])));
    expect(readdirSync(join(root, 'src')).filter((name) => !name.includes('.') && !(name in layers))).toEqual([]);
  });

  it('a provider never imports another, except the price book and catalog of aws, which are data', () => {
    const wrong = files('providers').flatMap((path) => {
      const own = path.split('/')[1];
      return imports(path)
        .filter((target) => target.startsWith('providers/') && target.split('/')[1] !== own && !/^providers\/aws\/(prices|catalog)/.test(target))
        .map((target) => `${path} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('no code compares the name of a provider', () => {
    const wrong = files('src').filter((path) => path !== 'src/cli/providers.ts' && /[!=]==\s*'(aws|local)'/.test(withoutComments(read(path))));
    expect(wrong, 'put the difference behind the provider SDK (src/cloud)').toEqual([]);
  });

  it('time, chance, environment and output are injected', () => {
    const wrong: string[] = [];
    for (const path of sources.filter((source) => !adapters.has(source))) {
      const text = withoutComments(read(path));
      for (const [pattern, advice] of banned) {
        // A simulated program calls the process it runs in `process`; it has no way to the real one but an import.
        const simulated = advice.startsWith('the process') && path.startsWith('src/node/runtime/') && !text.includes("'node:process'");
        if (!simulated && pattern.test(text)) wrong.push(`${path}: ${advice}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('files stay small and are named in kebab-case', () => {
    const long = sources.filter((path) => read(path).split('\n').length > maximumLines);
    const misnamed = [...sources, ...files('test')].filter((path) => !/^[a-z0-9-]+(\.test)?(\.config)?\.ts$/.test(path.split('/').pop() as string));
    expect({ long, misnamed }, `split files of more than ${maximumLines} lines by idea`).toEqual({ long: [], misnamed: [] });
  });

  it('every file is reached from an entry point', () => {
    const entries = [
      ...files('src/commands'),
      ...files('src/cli/hooks'),
      ...sources.filter((path) => /^providers\/[^/]+\/(index\.ts|commands\/.*|daemon\/main\.ts)$/.test(path)),
      'src/index.ts',
      'src/cli/leading-flags.ts',
      'src/cli/prepare-process.ts',
      'src/cloud/conformance.ts',
      'src/cloud/index.ts',
    ];
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const target of imports(path)) if (sources.includes(target)) visit(target);
    };
    for (const entry of entries) if (sources.includes(entry)) visit(entry);
    expect(
      sources.filter((path) => !reached.has(path)),
      'delete the file, or use it',
    ).toEqual([]);
  });

  it('the project speaks of itself alone', () => {
    const words = new RegExp(['\\b(helper|coding) session', 'DEVELOPERS\\.md', '/work' + '/(main|shared)', '\\.library' + '/'].join('|'));
    const wrong = [...sources, ...files('test'), 'README.md', ...files('src', '.md'), ...files('providers', '.md')].filter(
      (path) => path !== 'test/tidy.test.ts' && words.test(read(path)),
    );
    expect(wrong).toEqual([]);
  });

  it('only what belongs there stands at the top', () => {
    const allowed = /^(package\.json|package-lock\.json|tsconfig\.json|src|bin|providers|test|README\.md|LICENSE|dist|node_modules|oclif\.manifest\.json|\..+)$/;
    expect(readdirSync(root).filter((name) => !allowed.test(name))).toEqual([]);
  });
});
