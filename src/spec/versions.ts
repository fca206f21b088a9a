/** The version new clusters get. */
export const defaultKubernetesVersion = 'v1.36.0';
/** Below this floor kops refuses. */
export const oldestKubernetesMinor = 32;
export const newestKubernetesMinor = 36;

export interface KubernetesVersion {
  major: number;
  minor: number;
  patch: number;
}

/** `v1.36.0`, `1.36.0`, `1.36.0-rc.1`. Undefined when it is none. */
export function parseKubernetesVersion(text: string): KubernetesVersion | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.-]+)?$/.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) } : undefined;
}

/** With its leading v: one spelling everywhere in the completed spec. */
export function normalizeKubernetesVersion(text: string): string {
  return /^\d/.test(text) ? `v${text}` : text;
}
