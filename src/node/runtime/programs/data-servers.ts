import type { Process, Program } from '../container/process.ts';
import { genericServer } from './generic-server.ts';

const mysqlVariables = ['MYSQL_ROOT_PASSWORD', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD'];
const mariadbVariables = ['MARIADB_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD_HASH', 'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD', 'MARIADB_RANDOM_ROOT_PASSWORD', ...mysqlVariables];

/** A database image's entry point: it wants the variables the real one wants, then stands for the server. Another command is run as it is. */
function entrypoint(server: string, problem: (process: Process) => string | undefined): Program {
  return async (process) => {
    const [command = server] = process.argv.slice(1);
    if (command !== server && !command.startsWith('-')) return another(process, command);
    const missing = problem(process);
    if (missing === undefined) return genericServer(process);
    await process.warn(missing);
    return 1;
  };
}

async function another(process: Process, command: string): Promise<number> {
  const program = process.machine.find(command, process.cwd);
  process.argv = process.argv.slice(1);
  if (program) return program(process);
  await process.warn(`/usr/local/bin/docker-entrypoint.sh: exec: ${command}: not found\n`);
  return 127;
}

const given = (process: Process, names: readonly string[]) => names.some((name) => (process.env.get(name) ?? '') !== '');

function sqlProblem(names: readonly string[], shown: readonly string[]): (process: Process) => string | undefined {
  return (process) => {
    if (given(process, names)) return undefined;
    const list = shown.map((name) => `    - ${name}\n`).join('');
    const stamp = new Date(process.machine.clock.now()).toISOString().slice(0, 19);
    return `${stamp.replace('T', ' ')}+00:00 [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n${list}`;
  };
}

function postgresProblem(process: Process): string | undefined {
  if (given(process, ['POSTGRES_PASSWORD']) || process.env.get('POSTGRES_HOST_AUTH_METHOD') === 'trust') return undefined;
  return [
    'Error: Database is uninitialized and superuser password is not specified.',
    '       You must specify POSTGRES_PASSWORD to a non-empty value for the',
    '       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".',
    '',
    '       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all',
    '       connections without a password. This is *not* recommended.',
    '',
    '       See PostgreSQL documentation about "trust":',
    '       https://www.postgresql.org/docs/current/auth-trust.html',
    '',
  ].join('\n');
}

/** What probes ask: the server is there. */
function answer(text: string): Program {
  return async (process) => {
    await process.print(`${text}\n`);
    return 0;
  };
}

/** A client of a database that keeps no data; the questions of probes are answered. */
function client(name: string, probe: RegExp, text: string): Program {
  return async (process) => {
    if (probe.test(process.argv.slice(1).join(' '))) return answer(text)(process);
    await process.warn(`${name}: this database is simulated: it accepts connections and keeps no data\n`);
    return 1;
  };
}

const select = /select\s+1/i;
const isReady: Program = (process) =>
  answer(`${process.argv.includes('-h') ? process.argv[process.argv.indexOf('-h') + 1] : '/var/run/postgresql'}:5432 - accepting connections`)(process);
const mongoPing = /ping|hello|isMaster/i;

/** Programs of database images by the image's name. */
export const dataServers: Readonly<Record<string, Readonly<Record<string, Program>>>> = {
  mysql: {
    'docker-entrypoint.sh': entrypoint('mysqld', sqlProblem(mysqlVariables, mysqlVariables)),
    mysqladmin: answer('mysqld is alive'),
    mysql: client('mysql', select, '1\n1'),
  },
  mariadb: {
    'docker-entrypoint.sh': entrypoint('mariadbd', sqlProblem(mariadbVariables, ['MARIADB_ROOT_PASSWORD', 'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD', 'MARIADB_RANDOM_ROOT_PASSWORD'])),
    'mariadb-admin': answer('mysqld is alive'),
    'healthcheck.sh': answer('healthcheck: simulated'),
    mariadb: client('mariadb', select, '1\n1'),
  },
  postgres: {
    'docker-entrypoint.sh': entrypoint('postgres', postgresProblem),
    pg_isready: isReady,
    psql: client('psql', select, ' ?column? \n----------\n        1\n(1 row)\n'),
  },
  mongo: {
    'docker-entrypoint.sh': entrypoint('mongod', () => undefined),
    mongosh: client('mongosh', mongoPing, '{ ok: 1 }'),
    mongo: client('mongo', mongoPing, '{ "ok" : 1 }'),
  },
  rabbitmq: { 'docker-entrypoint.sh': entrypoint('rabbitmq-server', () => undefined), 'rabbitmq-diagnostics': answer('Ping succeeded'), rabbitmqctl: answer('Status: simulated') },
  memcached: { 'docker-entrypoint.sh': entrypoint('memcached', () => undefined) },
};
