/** What /version says: `v1.36.0` → major 1, minor 36. The dispatching kubectl picks its own version by it. */
export function versionInfo(kubernetesVersion: string, nodeVersion: string): object {
  const [, major = '1', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(kubernetesVersion) ?? [];
  const gitVersion = kubernetesVersion.startsWith('v') ? kubernetesVersion : `v${kubernetesVersion}`;
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node ${nodeVersion}`,
    compiler: 'tsc',
    platform: 'linux/amd64',
  };
}
