import type { BreakdownJson, ComponentJson, ResourceJson } from './cost-json-form.ts';
import { cents, decimal } from './money.ts';

/** Resource by resource and component by component what is more, or with a minus less. */
export function difference(now: BreakdownJson, then: BreakdownJson): BreakdownJson {
  const old = new Map(now.resources.map((resource) => [resource.name, resource]));
  const next = new Map(then.resources.map((resource) => [resource.name, resource]));
  const resources = [...new Set([...old.keys(), ...next.keys()])].flatMap((name): ResourceJson[] => {
    const [was, is] = [old.get(name), next.get(name)];
    const shown = is ?? was;
    if (!shown || was?.monthlyCost === is?.monthlyCost) return [];
    const components = componentDifferences(was?.costComponents ?? [], is?.costComponents ?? []);
    return [{ ...shown, hourlyCost: minus(is?.hourlyCost, was?.hourlyCost, 6), monthlyCost: minus(is?.monthlyCost, was?.monthlyCost, 4), costComponents: components }];
  });
  return {
    resources,
    totalHourlyCost: minus(then.totalHourlyCost, now.totalHourlyCost, 4),
    totalMonthlyCost: cents(Number(then.totalMonthlyCost) - Number(now.totalMonthlyCost)),
    totalMonthlyUsageCost: cents(Number(then.totalMonthlyUsageCost) - Number(now.totalMonthlyUsageCost)),
  };
}

function componentDifferences(old: readonly ComponentJson[], next: readonly ComponentJson[]): ComponentJson[] {
  return [...new Set([...old, ...next].map((component) => component.name))].flatMap((name) => {
    const [was, is] = [old.find((component) => component.name === name), next.find((component) => component.name === name)];
    const shown = is ?? was;
    if (!shown || was?.monthlyCost === is?.monthlyCost) return [];
    return [
      {
        ...shown,
        hourlyQuantity: minus(is?.hourlyQuantity, was?.hourlyQuantity, 8),
        monthlyQuantity: minus(is?.monthlyQuantity, was?.monthlyQuantity, 6),
        hourlyCost: minus(is?.hourlyCost, was?.hourlyCost, 6),
        monthlyCost: minus(is?.monthlyCost, was?.monthlyCost, 4),
      },
    ];
  });
}

function minus(next: string | null | undefined, old: string | null | undefined, places: number): string {
  return decimal(Number(next ?? 0) - Number(old ?? 0), places);
}
