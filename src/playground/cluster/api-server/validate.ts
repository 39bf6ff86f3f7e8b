import type { Container, PodSpec, PodTemplate } from '../objects.ts';
import type { KubeObject } from '../types.ts';
import { invalid } from './errors.ts';
import type { FieldProblem } from './errors.ts';
import { sameJson } from './json.ts';
import type { Resource } from './resources.ts';
import { matchesSelector } from './selectors.ts';

/** Refuses what the real server refuses and what somebody testing repull might run into; unknown kinds pass. */
export function validate(found: Resource, object: KubeObject, before?: KubeObject): void {
  const problems: FieldProblem[] = [];
  const spec = object['spec'] as Record<string, unknown> | undefined;
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(object.metadata.name)) {
    problems.push(
      wrong(
        'metadata.name',
        `Invalid value: ${JSON.stringify(object.metadata.name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      ),
    );
  }
  if (found.group === 'apps' && spec?.['template']) {
    const template = spec['template'] as PodTemplate;
    const selector = spec['selector'] as Parameters<typeof matchesSelector>[0];
    const labels = template.metadata?.labels ?? {};
    if (!matchesSelector(selector, labels)) {
      problems.push(
        wrong('spec.template.metadata.labels', `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``),
      );
    }
    if (before && !sameJson((before['spec'] as Record<string, unknown>)['selector'], selector)) {
      problems.push(wrong('spec.selector', `Invalid value: ${JSON.stringify(selector)}: field is immutable`));
    }
    problems.push(...podProblems(template.spec, 'spec.template.spec'));
  }
  if (found.plural === 'jobs' && before && !sameJson(templateOf(before), templateOf(object))) {
    problems.push(wrong('spec.template', 'Invalid value: field is immutable'));
  }
  if (found.plural === 'statefulsets' && before) problems.push(...statefulSetChanges(before, object));
  if (found.plural === 'pods') {
    problems.push(...podProblems(spec as unknown as PodSpec, 'spec'));
    if (before && !sameJson(fixedPartOf(before), fixedPartOf(object))) {
      problems.push({
        field: 'spec',
        reason: 'FieldValueForbidden',
        message:
          'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
      });
    }
  }
  if (problems.length > 0) throw invalid({ ...found, name: object.metadata.name }, problems);
}

const wrong = (field: string, message: string): FieldProblem => ({ field, reason: 'FieldValueInvalid', message });
const missing = (field: string): FieldProblem => ({ field, reason: 'FieldValueRequired', message: 'Required value' });
const templateOf = (object: KubeObject) => (object['spec'] as Record<string, unknown>)['template'];

function podProblems(spec: PodSpec | undefined, field: string): FieldProblem[] {
  if (!spec?.containers?.length) return [missing(`${field}.containers`)];
  const problems: FieldProblem[] = [];
  const names = new Set<string>();
  const check = (list: Container[], key: string) => {
    for (const [index, container] of list.entries()) {
      const place = `${field}.${key}[${index}]`;
      if (!container.name) problems.push(missing(`${place}.name`));
      if (!container.image) problems.push(missing(`${place}.image`));
      if (names.has(container.name)) {
        problems.push({
          field: `${place}.name`,
          reason: 'FieldValueDuplicate',
          message: `Duplicate value: ${JSON.stringify(container.name)}`,
        });
      }
      names.add(container.name);
      const policy: string | undefined = container.imagePullPolicy;
      if (policy !== undefined && !['Always', 'IfNotPresent', 'Never'].includes(policy)) {
        problems.push({
          field: `${place}.imagePullPolicy`,
          reason: 'FieldValueNotSupported',
          message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Always", "IfNotPresent", "Never"`,
        });
      }
    }
  };
  check(spec.containers, 'containers');
  check(spec.initContainers ?? [], 'initContainers');
  return problems;
}

function statefulSetChanges(before: KubeObject, after: KubeObject): FieldProblem[] {
  const fixed = (object: KubeObject) => {
    const spec = { ...(object['spec'] as Record<string, unknown>) };
    for (const field of [
      'replicas',
      'ordinals',
      'template',
      'updateStrategy',
      'revisionHistoryLimit',
      'persistentVolumeClaimRetentionPolicy',
      'minReadySeconds',
    ]) {
      delete spec[field];
    }
    return spec;
  };
  if (sameJson(fixed(before), fixed(after))) return [];
  return [
    {
      field: 'spec',
      reason: 'FieldValueForbidden',
      message:
        "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    },
  ];
}

/** Of a pod only images (and a few things nobody here touches) may change. */
function fixedPartOf(object: KubeObject): unknown {
  const spec = structuredClone(object['spec']) as PodSpec;
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) container.image = '';
  delete spec.nodeName;
  delete spec['tolerations'];
  delete spec['activeDeadlineSeconds'];
  return spec;
}
