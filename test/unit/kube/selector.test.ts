import { describe, expect, it } from 'vitest';
import { selects, selectorText } from '../../../src/kube/selector.ts';

const expressions = (operator: string, values?: string[]) => ({
  matchExpressions: [{ key: 'tier', operator, ...(values ? { values } : {}) }],
});

describe('a label selector', () => {
  it.each`
    selector                                | labels                           | selected
    ${undefined}                            | ${{ app: 'web' }}                | ${false}
    ${{}}                                   | ${{ app: 'web' }}                | ${true}
    ${{}}                                   | ${undefined}                     | ${true}
    ${{ matchLabels: { app: 'web' } }}      | ${{ app: 'web', tier: 'front' }} | ${true}
    ${{ matchLabels: { app: 'web' } }}      | ${{ app: 'api' }}                | ${false}
    ${expressions('In', ['front', 'back'])} | ${{ tier: 'back' }}              | ${true}
    ${expressions('In', ['front'])}         | ${{}}                            | ${false}
    ${expressions('NotIn', ['front'])}      | ${{}}                            | ${true}
    ${expressions('NotIn', ['front'])}      | ${{ tier: 'front' }}             | ${false}
    ${expressions('Exists')}                | ${{ tier: '' }}                  | ${true}
    ${expressions('DoesNotExist')}          | ${{ tier: 'front' }}             | ${false}
    ${expressions('Gt', ['1'])}             | ${{ tier: '2' }}                 | ${false}
  `('$selector on $labels: $selected', ({ selector, labels, selected }) => {
    expect(selects(selector, labels)).toBe(selected);
  });

  it('is written as the API wants it in a query', () => {
    const selector = {
      matchLabels: { app: 'web', zone: 'eu' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'old', operator: 'NotIn', values: ['yes'] },
        { key: 'here', operator: 'Exists' },
        { key: 'gone', operator: 'DoesNotExist' },
      ],
    };
    expect(selectorText(selector)).toBe('app=web,zone=eu,tier in (a,b),old notin (yes),here,!gone');
  });
});
