import type { NodeSoftware } from '../../../src/cloud/provider.ts';
import { nodeRelease, nodeSite } from './node-release.ts';

export interface InstallScript {
  clusterName: string;
  instanceGroup: string;
  /** Goes to /etc/kops-ts/boot.yaml as it is. */
  bootConfig: string;
  software: NodeSoftware;
  /** `http://proxy.example.com:3128`, and hosts that are reached without it. */
  proxy?: { url: string; excludes: string };
}

/**
 * Bash for a stock image of a current Linux with systemd, curl, tar and xz: installs Node.js and kops-ts, both checked, and starts `kops-ts nodeup`
 * as a service. Running it again changes nothing. What is in the bucket is read with the instance's own role: curl signs the request.
 */
export function installScript(script: InstallScript): string {
  const { clusterName, instanceGroup, bootConfig, software, proxy } = script;
  const folder = `kops-ts-${software.version}-${software.sha256.slice(0, 8)}`;
  return [
    '#!/bin/bash',
    `# Makes this machine a node of ${clusterName} (instance group ${instanceGroup}).`,
    'set -o errexit -o nounset -o pipefail',
    ...(proxy ? proxyLines(proxy) : []),
    ...functions,
    '',
    'case $(uname -m) in',
    ...Object.entries(nodeRelease.archives).map(
      ([machine, { architecture, sha256 }]) => `  ${machine}) node=node-${nodeRelease.version}-linux-${architecture} node_sha256=${sha256} ;;`,
    ),
    '  *) echo "kops-ts: no Node.js for $(uname -m)" >&2; exit 1 ;;',
    'esac',
    'install -d -m 0755 "$root/opt/kops-ts" "$root/etc/systemd/system"',
    'install -d -m 0700 "$root/etc/kops-ts"',
    `provide ${quote(`${software.nodeMirror ?? nodeSite}/${nodeRelease.version}`)}"/$node.tar.xz" "$node" "$node_sha256" cat -J`,
    `provide ${quote(software.url)} ${quote(folder)} ${software.sha256} 'gzip -dc' -z`,
    '',
    'umask 077',
    'cat >"$root/etc/kops-ts/boot.yaml" <<\'END_OF_BOOT_CONFIG\'',
    bootConfig.trimEnd(),
    'END_OF_BOOT_CONFIG',
    `printf '%s\\n' ${(proxy ? proxyVariables(proxy).map(([name, value]) => quote(`${name}=${value}`)) : []).join(' ')} >"$root/etc/kops-ts/environment"`,
    'umask 022',
    'cat >"$root/etc/systemd/system/kops-ts-nodeup.service" <<END_OF_UNIT',
    ...unit(folder),
    'END_OF_UNIT',
    'systemctl daemon-reload',
    'systemctl enable --now kops-ts-nodeup.service',
    '',
  ].join('\n');
}

/** The endpoints can be moved by the variables that every AWS tool knows. */
const functions = [
  `root=\${KOPS_TS_ROOT:-}`,
  `metadata=\${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}/latest`,
  '',
  'imds() {',
  '  local token',
  `  token=$(curl -fsS --noproxy '*' --retry 5 --retry-connrefused -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$metadata/api/token")`,
  `  curl -fsS --noproxy '*' --retry 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/$1"`,
  '}',
  '',
  'field() { sed -n "s/.*\\"$1\\" *: *\\"\\([^\\"]*\\)\\".*/\\1/p" <<<"$2"; }',
  '',
  '# URL FILE',
  'download() {',
  '  case $1 in',
  `    s3://*) download_s3 "\${1#s3://}" "$2" ;;`,
  '    *) curl -fsSL --retry 3 --connect-timeout 20 -o "$2" "$1" ;;',
  '  esac',
  '}',
  '',
  '# BUCKET/KEY FILE',
  'download_s3() {',
  `  local bucket=\${1%%/*} role credentials region endpoint home`,
  '  role=$(imds iam/security-credentials/) && credentials=$(imds "iam/security-credentials/$role") && region=$(imds placement/region) || return',
  `  endpoint=\${AWS_ENDPOINT_URL_S3:-}`,
  '  if [ -z "$endpoint" ]; then',
  '    endpoint=https://s3.$region.$(imds services/domain) || return',
  '    # A bucket says where it lives whoever asks.',
  `    home=$(curl -sSI "$endpoint/$bucket" | tr -d '\\r' | sed -n 's/^x-amz-bucket-region: *//Ip') || return`,
  `    if [ -n "$home" ]; then endpoint=\${endpoint/s3.$region./s3.$home.} region=$home; fi`,
  '  fi',
  '  curl -fsS --retry 3 --connect-timeout 20 -o "$2" --aws-sigv4 "aws:amz:$region:s3" --config - "$endpoint/$1" <<END_OF_CONFIG',
  'user = "$(field AccessKeyId "$credentials"):$(field SecretAccessKey "$credentials")"',
  'header = "x-amz-security-token: $(field Token "$credentials")"',
  'END_OF_CONFIG',
  '}',
  '',
  '# URL FOLDER SHA256 UNPACK TAR_FLAG: the archive, unpacked in /opt/kops-ts; tries until it is there, but not for ever to get the right one',
  'provide() {',
  '  local archive="$root/opt/kops-ts/$2.archive" wrong=0 found',
  '  if [ -e "$root/opt/kops-ts/$2" ]; then return; fi',
  '  while true; do',
  '    if download "$1" "$archive"; then',
  '      found=$($4 "$archive" | sha256sum | cut -c1-64) || true',
  '      if [ "$found" = "$3" ]; then break; fi',
  '      wrong=$((wrong + 1))',
  '      echo "kops-ts: $1 has SHA-256 $found, expected $3" >&2',
  '      if [ "$wrong" -ge 3 ]; then exit 1; fi',
  '    else',
  '      echo "kops-ts: $1 cannot be fetched yet, tried again in 10 seconds" >&2',
  '    fi',
  '    sleep 10',
  '  done',
  '  rm -rf "$archive.d"',
  '  mkdir "$archive.d"',
  '  tar -x "$5" -f "$archive" -C "$archive.d" --strip-components=1 --no-same-owner',
  '  mv "$archive.d" "$root/opt/kops-ts/$2"',
  '  rm "$archive"',
  '}',
];

function unit(folder: string): string[] {
  return [
    '[Unit]',
    'Description=kops-ts: this machine as a node of its cluster',
    'Wants=network-online.target',
    'After=network-online.target',
    '[Service]',
    'Environment=KOPS_TS_LOG_LEVEL=info',
    'EnvironmentFile=-/etc/kops-ts/environment',
    `ExecStart=/opt/kops-ts/$node/bin/node /opt/kops-ts/${folder}/bin/run.js nodeup --conf /etc/kops-ts/boot.yaml`,
    'Restart=always',
    'RestartSec=5',
    // Its etcd ends after it: a node that says goodbye still writes.
    'KillMode=mixed',
    'LimitNOFILE=1048576',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
}

function proxyLines(proxy: NonNullable<InstallScript['proxy']>): string[] {
  return proxyVariables(proxy).map(([name, value]) => `export ${name}=${quote(value)}`);
}

/** The last one is for what Node.js fetches itself. */
function proxyVariables({ url, excludes }: NonNullable<InstallScript['proxy']>): [string, string][] {
  return [
    ['http_proxy', url],
    ['https_proxy', url],
    ['no_proxy', excludes],
    ['NODE_USE_ENV_PROXY', '1'],
  ];
}

/** One word for bash, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
