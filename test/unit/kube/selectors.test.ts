import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { formatSelector, matchesLabels, parseSelector, selectorOf } from '../../../src/kube/selectors.ts';
import { formatFieldSelector, matchesFields, parseFieldSelector } from '../../../src/kube/selectors-field.ts';

describe('label selectors', () => {
  const cases: [string, Record<string, string>, boolean][] = [
    ['', {}, true],
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'b' }, true],
    ['a = b , c', { a: 'b', c: '' }, true],
    ['a=b', {}, false],
    ['a=', { a: '' }, true],
    ['c!=d', {}, true],
    ['c!=d', { c: 'd' }, false],
    ['e in (x,y)', { e: 'y' }, true],
    ['e in (x, y),f notin (z)', { e: 'x' }, true],
    ['f notin (z)', { f: 'z' }, false],
    ['!f', {}, true],
    ['!f', { f: '' }, false],
    ['example.com/role', { 'example.com/role': 'x' }, true],
    ['n>5', { n: '10' }, true],
    ['n<5', { n: 'x' }, false],
  ];
  it.each(cases)('%j on %j: %j', (text, labels, expected) => {
    expect(matchesLabels(parseSelector(text), labels)).toBe(expected);
    expect(matchesLabels(parseSelector(formatSelector(parseSelector(text))), labels)).toBe(expected);
  });

  it.each(['a=b c', 'a in x', '=b', 'a=b,,c', 'n>x', 'a in (x', '-a=b'])('refuses %j', (text) => {
    expect(() => parseSelector(text)).toThrow(/unable to parse requirement/);
  });

  it('an absent LabelSelector selects nothing, an empty one everything', () => {
    expect(matchesLabels(selectorOf(undefined), {})).toBe(false);
    expect(matchesLabels(selectorOf({}), {})).toBe(true);
    const selector = selectorOf({ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db'] }] });
    expect(matchesLabels(selector, { app: 'web' })).toBe(true);
    expect(matchesLabels(selector, { app: 'web', tier: 'db' })).toBe(false);
  });
});

describe('field selectors', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a,b', namespace: 'x' }, spec: { nodeName: 'n1' }, status: { phase: 'Running' } } as KubeObject;
  it.each([
    ['status.phase!=Failed,spec.nodeName=n1', true],
    ['spec.nodeName==n2', false],
    ['metadata.name=a\\,b', true],
    ['spec.unschedulable=false', true],
    ['status.podIP=', true],
  ])('%j: %j', (text, expected) => {
    expect(matchesFields(parseFieldSelector(text), pod)).toBe(expected);
    expect(matchesFields(parseFieldSelector(formatFieldSelector(parseFieldSelector(text))), pod)).toBe(expected);
  });
  it('refuses what it does not understand', () => {
    expect(() => parseFieldSelector('phase')).toThrow("can't understand 'phase'");
    expect(() => parseFieldSelector('a=b=c')).toThrow('unescaped =');
  });
});
