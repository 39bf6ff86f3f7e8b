import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { OPTIONAL_RIGHTS, REQUIRED_RIGHTS, type Right } from '../../../src/kube/required-rights.ts';

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}
interface Granted {
  right: string;
  /** The value under `worker.rights` that opens it; undefined: always there. */
  opener: string | undefined;
}

const nameOf = ({ scope, apiGroup, resource, verbs }: Omit<Right, 'why' | 'without'>): string =>
  `${scope} ${apiGroup}/${resource} ${verbs.toSorted().join(',')}`;

/** Every rule of the template, read as text: which kind of role it stands in, and under which condition. */
function granted(template: string): Granted[] {
  const blocks: string[] = [];
  let scope: Right['scope'] | undefined;
  return template.split('\n').flatMap((line) => {
    const kind = /^kind: (\w+)/.exec(line)?.[1];
    if (kind !== undefined) scope = kind === 'Role' ? 'namespace' : kind === 'ClusterRole' ? 'cluster' : undefined;
    const block = /\{\{-? *(?:if|range|with) ([^}]*)\}\}/.exec(line)?.[1];
    if (block !== undefined) blocks.push(block);
    if (/\{\{-? *end *-?\}\}/.test(line)) blocks.pop();
    if (!/apiGroups:/.test(line)) return [];
    if (scope === undefined) throw new Error(`a rule outside a role: ${line}`);
    const [rule] = parse(line) as [Rule];
    const opener = blocks.map((one) => /rights\.(\w+)/.exec(one)?.[1]).find((one) => one !== undefined);
    return rule.apiGroups.flatMap((apiGroup) =>
      rule.resources.map((resource) => ({ right: nameOf({ scope: scope ?? 'cluster', apiGroup, resource, verbs: rule.verbs }), opener })),
    );
  });
}

const rules = granted(readFileSync('helm/repull/templates/rights.yaml', 'utf8'));
const values = parse(readFileSync('helm/repull/values.yaml', 'utf8')) as { worker: { rights: Record<string, boolean> } };
const rightsOf = (wanted: (opener: string | undefined) => boolean) =>
  rules
    .filter(({ opener }) => wanted(opener))
    .map(({ right }) => right)
    .toSorted();

describe("the chart's roles", () => {
  it('always give what the worker cannot do without, and nothing more', () => {
    expect(rightsOf((opener) => opener === undefined)).toEqual(REQUIRED_RIGHTS.map(nameOf).toSorted());
  });

  it('give what it may be without only where a value asks for it, and nothing more', () => {
    expect(rightsOf((opener) => opener !== undefined)).toEqual(OPTIONAL_RIGHTS.map(nameOf).toSorted());
  });

  it.each`
    value             | opens
    ${'argoRollouts'} | ${['namespace argoproj.io/rollouts get,list,patch,watch']}
    ${'cronJobs'}     | ${['namespace batch/cronjobs get,list,patch,watch', 'namespace batch/jobs create,get,list']}
    ${'logs'}         | ${['namespace /pods/log get']}
    ${'readSecrets'}  | ${['namespace /secrets get', 'namespace /serviceaccounts get']}
    ${'deletePods'}   | ${['namespace /pods delete']}
    ${'readNodes'}    | ${['cluster /nodes get']}
  `('worker.rights.$value opens $opens', ({ value, opens }: { value: string; opens: string[] }) => {
    expect(rightsOf((opener) => opener === value)).toEqual(opens);
  });

  it('have no value that opens nothing, and need nothing outside the namespaces unless asked to', () => {
    expect(Object.keys(values.worker.rights).toSorted()).toEqual([...new Set(rules.flatMap(({ opener }) => opener ?? []))].toSorted());
    expect(values.worker.rights).toEqual({
      argoRollouts: true,
      cronJobs: true,
      logs: true,
      readSecrets: false,
      deletePods: false,
      readNodes: false,
    });
  });
});
