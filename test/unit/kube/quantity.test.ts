import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addResourceLists, compareQuantities, formatQuantity, parseQuantity, quantityMilli, quantityValue } from '../../../src/kube/quantity.ts';

describe('quantities', () => {
  it.each([
    ['100m', '100m'],
    ['0.1', '100m'],
    ['1000m', '1'],
    ['1.5Gi', '1536Mi'],
    ['1024Mi', '1Gi'],
    ['1e3', '1e3'],
    ['1000e3', '1e6'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['0.5Gi', '512Mi'],
    ['100Ki', '100Ki'],
    ['1000Ki', '1000Ki'],
    ['0.5Ki', '512'],
    ['0', '0'],
    ['0Gi', '0'],
    ['-1.5', '-1500m'],
    ['1E', '1E'],
    ['.5', '500m'],
    ['1.', '1'],
    ['0.0000000001', '1n'],
    ['12345.6789Ki', '12641976'],
  ])('%s is %s', (text, canonical) => {
    const quantity = parseQuantity(text);
    expect(quantity && formatQuantity(quantity)).toBe(canonical);
  });

  it.each(['', 'x', '1 Gi', '1gi', '1KiB', '--1', '1e', '.', '1ee3'])('%j is none', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  it('canonical text means the same', () => {
    const texts = fc
      .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e2', 'e-3'))
      .map(([number, suffix]) => `${number}${suffix}`);
    fc.assert(
      fc.property(texts, (text) => {
        const quantity = parseQuantity(text);
        const again = quantity && parseQuantity(formatQuantity(quantity));
        return quantity !== undefined && again !== undefined && compareQuantities(quantity, again) === 0 && formatQuantity(again) === formatQuantity(quantity);
      }),
    );
  });

  it('as numbers, rounded up', () => {
    expect(quantityMilli('1.5')).toBe(1500);
    expect(quantityMilli('1u')).toBe(1);
    expect(quantityValue('1.5Gi')).toBe(1610612736);
    expect(quantityValue('100m')).toBe(1);
    expect(quantityValue(undefined)).toBe(0);
  });

  it('sums of resource lists', () => {
    expect(addResourceLists({ cpu: '250m', memory: '512Mi' }, { cpu: '750m', memory: '512Mi', pods: '1' })).toEqual({ cpu: '1', memory: '1Gi', pods: '1' });
  });
});
