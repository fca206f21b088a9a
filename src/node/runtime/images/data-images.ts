import { dataServers } from '../programs/data-servers.ts';
import { redis, redisCli } from '../programs/redis.ts';
import type { ImageDefinition } from './image-definition.ts';

const hub = 'docker.io/library';

const servers: Record<string, { command: string; ports: number[] }> = {
  mysql: { command: 'mysqld', ports: [3306] },
  mariadb: { command: 'mariadbd', ports: [3306] },
  postgres: { command: 'postgres', ports: [5432] },
  mongo: { command: 'mongod', ports: [27017] },
  rabbitmq: { command: 'rabbitmq-server', ports: [5672, 15672] },
  memcached: { command: 'memcached', ports: [11211] },
};

/** Databases and their like. Redis answers; of the others there is the port, and what probes ask. */
export const dataImages: readonly ImageDefinition[] = [
  {
    names: [`${hub}/redis`, `${hub}/valkey`, 'docker.io/bitnami/redis', 'registry.k8s.io/redis', 'us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower'],
    command: ['redis-server'],
    tools: 'debian',
    programs: { 'redis-server': redis, 'valkey-server': redis, 'redis-cli': redisCli, 'valkey-cli': redisCli },
  },
  ...Object.entries(servers).map(
    ([name, { command, ports }]): ImageDefinition => ({
      names: [`${hub}/${name}`],
      entrypoint: ['docker-entrypoint.sh'],
      command: [command],
      tools: 'debian',
      ports,
      programs: dataServers[name] ?? {},
    }),
  ),
];
