import { type FileSystem, joinPath, parentOf, resolvePath } from '../container/file-system.ts';

export interface Directive {
  name: string;
  args: string[];
  block: readonly Directive[] | undefined;
  /** `file:line`, as nginx names the place of an error. */
  where: string;
}

/** A configuration that nginx would not start with, or that the simulation does not know; the message is nginx's after `[emerg]`. */
export class NginxConfigError extends Error {}

interface Token {
  text: string;
  quoted: boolean;
  line: number;
}

/** Read and acted upon. */
const simulated = new Set(
  `events http server location upstream include listen server_name root alias index return try_files proxy_pass add_header error_page default_type access_log autoindex stub_status`.split(
    /\s+/,
  ),
);
/** Accepted: they change nothing that shows here. */
const silent = new Set(
  `user worker_processes error_log pid worker_connections worker_rlimit_nofile multi_accept use log_format sendfile tcp_nopush tcp_nodelay keepalive_timeout keepalive_requests
  types types_hash_max_size server_names_hash_bucket_size client_max_body_size client_body_buffer_size client_body_timeout client_header_timeout send_timeout charset server_tokens
  resolver resolver_timeout proxy_set_header proxy_http_version proxy_buffering proxy_buffers proxy_buffer_size proxy_redirect proxy_connect_timeout proxy_read_timeout
  proxy_send_timeout proxy_next_upstream proxy_cache_bypass proxy_pass_request_headers keepalive expires etag least_conn daemon large_client_header_buffers open_file_cache
  port_in_redirect absolute_redirect log_not_found reset_timedout_connection default log_subrequest underscores_in_headers client_header_buffer_size zone`.split(/\s+/),
);

export function readNginxConfig(files: FileSystem, path: string, depth = 0): readonly Directive[] {
  const stat = files.stat(path);
  if (stat?.type !== 'file') throw new NginxConfigError(`open() "${path}" failed (2: No such file or directory)`);
  if (depth > 10) throw new NginxConfigError(`too many nested includes in ${path}`);
  return withIncludes(parsed(files.readText(path), path), (pattern) =>
    includes(files, resolvePath('/etc/nginx', pattern)).flatMap((file) => readNginxConfig(files, file, depth + 1)),
  );
}

/** Most containers have the same few files: what was parsed last is kept. */
const recent = new Map<string, readonly Directive[]>();
const maxRecent = 32;

function parsed(text: string, path: string): readonly Directive[] {
  const key = `${path}\n${text}`;
  const directives = recent.get(key) ?? parseBlock(tokenize(text, path), { index: 0 }, path);
  recent.delete(key);
  recent.set(key, directives);
  for (const oldest of recent.keys()) if (recent.size > maxRecent) recent.delete(oldest);
  return directives;
}

function withIncludes(directives: readonly Directive[], include: (pattern: string) => readonly Directive[]): readonly Directive[] {
  return directives.flatMap((directive) => {
    if (directive.name === 'include') return include(directive.args[0] ?? '');
    return directive.block?.some(({ name, block }) => name === 'include' || block) ? [{ ...directive, block: withIncludes(directive.block, include) }] : [directive];
  });
}

function includes(files: FileSystem, pattern: string): string[] {
  if (!pattern.includes('*')) return [pattern];
  const folder = parentOf(pattern);
  const [before = '', after = ''] = pattern.slice(folder.length + 1).split('*', 2);
  if (files.stat(folder)?.type !== 'dir') return [];
  const names = files.list(folder).filter((name) => name.startsWith(before) && name.endsWith(after) && !name.startsWith('.'));
  return names.map((name) => joinPath(folder, name)).filter((file) => files.stat(file)?.type === 'file');
}

function tokenize(text: string, path: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /#[^\n]*|\n|[;{}](?!\w+\})|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(?:\\.|\$\{\w+\}|[^\s;{}"'\\])(?:\\.|\$\{\w+\}|[^\s;{}\\])*|["'\\]/gs;
  let line = 1;
  for (const match of text.matchAll(pattern)) {
    const [whole] = match;
    if (whole === '"' || whole === "'") throw new NginxConfigError(`unexpected end of file, expecting ";" or "}" in ${path}:${line}`);
    const inner = match[1] ?? match[2];
    if (whole !== '\n' && !whole.startsWith('#'))
      tokens.push({ text: inner === undefined ? whole : inner.replaceAll(/\\(["'\\])/g, '$1').replaceAll('\\n', '\n'), quoted: inner !== undefined, line });
    line += whole.split('\n').length - 1;
  }
  return tokens;
}

function parseBlock(tokens: Token[], at: { index: number }, path: string, inner = false): Directive[] {
  const directives: Directive[] = [];
  for (;;) {
    const first = tokens[at.index++];
    if (!first || (first.text === '}' && !first.quoted)) {
      if (inner === (first !== undefined)) return directives;
      throw new NginxConfigError(first ? `unexpected "}" in ${path}:${first.line}` : `unexpected end of file, expecting "}" in ${path}:${tokens.at(-1)?.line ?? 1}`);
    }
    directives.push(parseDirective(first, tokens, at, path));
  }
}

function parseDirective(first: Token, tokens: Token[], at: { index: number }, path: string): Directive {
  const where = `${path}:${first.line}`;
  const args: string[] = [];
  let token = tokens[at.index++];
  for (; token && (token.quoted || !';{}'.includes(token.text)); token = tokens[at.index++]) args.push(token.text);
  if (!token) throw new NginxConfigError(`unexpected end of file, expecting ";" or "}" in ${where}`);
  if (token.text === '}') throw new NginxConfigError(`unexpected "}" in ${path}:${token.line}`);
  known(first.text, where);
  return { name: first.text, args, block: token.text === ';' ? undefined : blockOf(first, tokens, at, path), where };
}

/** MIME types are a block of their own words. */
function blockOf(first: Token, tokens: Token[], at: { index: number }, path: string): Directive[] {
  return first.text === 'types' ? skipBlock(tokens, at) : parseBlock(tokens, at, path, true);
}

function skipBlock(tokens: Token[], at: { index: number }): Directive[] {
  while (at.index < tokens.length && tokens[at.index++]?.text !== '}');
  return [];
}

function known(name: string, where: string): void {
  if (simulated.has(name) || silent.has(name) || name.startsWith('gzip') || name.startsWith('ssl_')) return;
  const real = [
    'if',
    'rewrite',
    'set',
    'map',
    'auth_basic',
    'deny',
    'allow',
    'limit_req',
    'limit_conn',
    'proxy_cache',
    'fastcgi_pass',
    'mirror',
    'sub_filter',
    'auth_request',
    'stream',
    'geo',
    'split_clients',
  ];
  throw new NginxConfigError(real.includes(name) ? `directive "${name}" is not part of this simulation, in ${where}` : `unknown directive "${name}" in ${where}`);
}

export function find(block: readonly Directive[], name: string): Directive | undefined {
  return block.find((directive) => directive.name === name);
}

export function findAll(block: readonly Directive[], name: string): Directive[] {
  return block.filter((directive) => directive.name === name);
}
