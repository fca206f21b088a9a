/** `+Name`, `Name` → true; `-Name` → false; as text, the way kops stores them. */
export function featureGates(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name.replace(/^[+-]/, ''), String(!name.startsWith('-'))]));
}

interface Component {
  featureGates: Record<string, string>;
}

interface Components {
  kubeAPIServer: Component;
  kubeControllerManager: Component;
  kubeProxy: Component;
  kubeScheduler: Component;
  kubelet: Component;
}

/** The same gates for every component; nothing when there are none. */
export function featureGateFields(gates: Record<string, string>): Partial<Components> {
  if (Object.keys(gates).length === 0) return {};
  const component = (): Component => ({ featureGates: { ...gates } });
  return { kubeAPIServer: component(), kubeControllerManager: component(), kubeProxy: component(), kubeScheduler: component(), kubelet: component() };
}
