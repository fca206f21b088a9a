import type { EtcdConfig } from './node-config.ts';

export const etcdSite = 'https://github.com/etcd-io/etcd/releases/download';

/** What runs where the spec names no version. */
export const defaultEtcdVersion = '3.5.27';

/**
 * SHA-256 of `etcd-v<version>-linux-<architecture>.tar.gz`, amd64 and arm64, as others publish them beside the release's own SHA256SUMS:
 * 3.5 in kubespray's roles/kubespray_defaults/vars/main/checksums.yml (`etcd_binary_checksums`), 3.6.12 in the Guix package of the release.
 */
const checksums: Readonly<Record<string, readonly [amd64: string, arm64: string]>> = {
  '3.5.15': ['3f6b48d8c2844699f2b19c1880508ecf63e1489769ed37ebb97495d5cd848a89', '5aa28b435edb1f22bf6455f754e16a13e3e4eb1ad8fc7c22ad47aa8e722febf2'],
  '3.5.16': ['b414b27a5ad05f7cb01395c447c85d3227e3fb1c176e51757a283b817f645ccc', '8e68c55e6d72b791a9e98591c755af36f6f55aa9eca63767822cd8a3817fdb23'],
  '3.5.17': ['eff6ac621d41711085d0f38fab17d8fa3705f6326c3ff11301a1f5a71fc94edd', '7d717a62520bf39fa1115dfbb1df79479ff74b5eda0914f4132bfa60a48b9549'],
  '3.5.18': ['6ddde039a7a506badf34e7edfb38e1ea90e36f05c8cfceba602045df623d86fa', 'c2bcaf465537d6d47c8bb82a69e31f786f32257050e3bca445bc4e63479ec714'],
  '3.5.19': ['16ae742def5f330800590e8d505d72830a3b0b7012e559e6bd76f0bc9864bf42', 'a786fd2c92c3c0404586ffedf1b318e4944a17aefed1fa6566f5712ddb8359ad'],
  '3.5.20': ['9ac85616fb8c0e45f485074dde0258ca2b7b42f1dd5320821af5a8b66daf7072', 'f034232e6fb64b0d89c45fd78b8b4c3e9fb8d69605dddddcdebf5d7cd96a1531'],
  '3.5.21': ['adddda4b06718e68671ffabff2f8cee48488ba61ad82900e639d108f2148501c', '95bf6918623a097c0385b96f139d90248614485e781ec9bee4768dbb6c79c53f'],
  '3.5.22': ['20174ab70a6f3df94da13ecac4610f42c47d25af82426f21c112c2c841ec499a', '22aca5a253c4a9f2850300b0a1dd209587586ff0e985f5cb1c34e9e5edc07848'],
  '3.5.23': ['8b50d62d38cb2de005b42227dd14b33f6e01758970f248f9257789ecfaf634c9', 'd95118595a9556a29775f99c1ef2ee16f6be113df76b7178643a2bfd6a6f37c3'],
  '3.5.24': ['042497e2ddcee06f22e5d486d81f58affa26b53ee423e2a6aaca3d3ea98c8191', 'efc01f6b3fbef0f000cb53bcad4845c116d7fdd8769ca39d9c40d2fe4d2e509f'],
  '3.5.25': ['168af82b59772e1811a9af7b358d42f5c6df44e0d9767afb006ecf12c4bbd607', '419dce0b679df31cc45201ef2449b7a6a48e9d241af01741957c9ac86a35badc'],
  '3.5.26': ['0a682a91201dc8351d507210bc30b021a11e254eab806f03224b51e8fad29abb', '93ac1667df0e178ea6d152476ce4088df4075604fe4bc7f85f4719e863cd030b'],
  '3.5.27': ['0aad9a9e4e0817a021e933f9806a2b2960a62f949ad5a3d6436d8886945cb1bc', '1277309f540c5a0329c428f95455c9f76d24f768c8d28fd2753e891c379053fa'],
  '3.6.12': ['d2564bb50b58e52fbaf3bde4a9561a1d04e20cdc761f795580e4d615d5d41355', '147afc710e164fa342ad8561bcca8903f3913bd9fb9ae0c83c857b1d868189cc'],
};

export const knownEtcdVersions: readonly string[] = Object.keys(checksums);

/** Where a release lies: below `mirror`, in a folder of its version, as at the project's own site. Undefined for one whose checksum is not known. */
export function etcdArchives(version: string, mirror = etcdSite): EtcdConfig['archives'] {
  const known = checksums[version];
  if (!known) return undefined;
  const archive = (architecture: string, sha256: string) => ({ url: `${mirror}/v${version}/etcd-v${version}-linux-${architecture}.tar.gz`, sha256 });
  return { amd64: archive('amd64', known[0]), arm64: archive('arm64', known[1]) };
}
