/** Names of Docker Hub's official images: what exists without a user name before it. */
export const officialImages: ReadonlySet<string> = new Set(
  `adminer aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux backdrop bash bonita buildpack-deps busybox caddy cassandra
  chronograf cirros clearlinux clefos clojure composer consul convertigo couchbase couchdb crate dart debian docker drupal eclipse-mosquitto eclipse-temurin
  eggdrop elasticsearch elixir emqx erlang fedora flink fluentd friendica gazebo gcc geonetwork ghost golang gradle groovy haproxy haskell haxe hello-world
  hitch httpd hylang ibm-semeru-runtimes ibmjava influxdb irssi jetty joomla jruby julia kapacitor kibana kong krakend lightstreamer liquibase logstash
  mageia mariadb matomo maven mediawiki memcached mongo mongo-express monica mysql nats nats-streaming neo4j neurodebian nextcloud nginx nickel node notary
  odoo open-liberty openjdk oraclelinux orientdb percona perl phpmyadmin php photon plone postfixadmin postgres postgrest pypy python r-base rabbitmq
  rakudo-star redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust sapmachine satosa scratch silverpeas sl solr sonarqube spark
  spiped storm swift swipl teamspeak telegraf tomcat tomee traefik ubuntu unit valkey varnish vault websphere-liberty wordpress xwiki yourls znc zookeeper`
    .trim()
    .split(/\s+/),
);

/** Versions that much-used images stay below for years to come: `major` or `major.minor`. */
const beyond: Readonly<Record<string, string>> = {
  alpine: '3.40',
  bash: '6',
  busybox: '1.50',
  debian: '16',
  golang: '1.50',
  haproxy: '4',
  httpd: '2.9',
  mariadb: '15',
  memcached: '1.10',
  mongo: '12',
  mysql: '12',
  nginx: '1.50',
  node: '36',
  perl: '5.60',
  php: '10',
  postgres: '24',
  python: '3.30',
  rabbitmq: '6',
  redis: '12',
  tomcat: '14',
  traefik: '5',
  ubuntu: '32',
  wordpress: '9',
};

/** False for a version that an official image cannot have yet, such as nginx:1.161 or busybox:99. */
export function mayExist(name: string, tag: string): boolean {
  const [, major, minor = '0'] = /^v?(\d+)(?:\.(\d+))?/.exec(tag) ?? [];
  if (major === undefined) return true;
  const [limitMajor, limitMinor = '0'] = (beyond[name] ?? '').split('.');
  if (Number(minor) >= 100) return false;
  if (!limitMajor) return true;
  return Number(major) < Number(limitMajor) || (Number(major) === Number(limitMajor) && Number(minor) < Number(limitMinor));
}
