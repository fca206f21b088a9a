import type { UpgradeChange } from '../../operations/upgrade-cluster.ts';
import { rendered } from './tables.ts';

export function upgradeTable(changes: readonly UpgradeChange[]): string {
  return rendered(
    ['ITEM', 'PROPERTY', 'OLD', 'NEW'],
    changes.map((change) => [change.item, change.property, change.old, change.new]),
  );
}
