import type { LabelSelector } from '../objects.ts';
import type { KubeObject } from '../types.ts';
import { badRequest } from './errors.ts';
import { isRecord } from './json.ts';

export type Labels = Record<string, string>;

/** A label selector of the query, equality and set based: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. */
export function parseLabelSelector(text: string): (labels: Labels) => boolean {
  const requirements = splitOutsideParentheses(text).map(parseRequirement);
  return (labels) => requirements.every((holds) => holds(labels));
}

function splitOutsideParentheses(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function parseRequirement(text: string): (labels: Labels) => boolean {
  const set = /^([^\s!=]+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return operator === 'in'
      ? (labels) => key in labels && values.includes(labels[key] ?? '')
      : (labels) => !(key in labels) || !values.includes(labels[key] ?? '');
  }
  const equality = /^([^\s!=]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(text);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const exists = /^(!?)\s*([^\s!=()]+)$/.exec(text);
  if (!exists) throw badRequest(`unable to parse requirement: found '${text}', expected: in, notin, =, ==, !=`);
  const [, not, key = ''] = exists;
  return not ? (labels) => !(key in labels) : (labels) => key in labels;
}

/** A selector of an object's spec. An absent one matches nothing, an empty one everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (!selector) return false;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    if (operator === 'In') return value !== undefined && values.includes(value);
    return value === undefined || !values.includes(value);
  });
}

const EVERYWHERE = ['metadata.name', 'metadata.namespace'];
const SELECTABLE: Record<string, string[]> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  events: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((field) => `involvedObject.${field}`),
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  nodes: ['spec.unschedulable'],
  secrets: ['type'],
  namespaces: ['status.phase'],
  replicasets: ['status.replicas'],
  jobs: ['status.successful'],
};

/** A field selector of the query: `a=b,c!=d`, only over the fields the real server knows for that resource. */
export function parseFieldSelector(plural: string, text: string): (object: KubeObject) => boolean {
  const known = [...EVERYWHERE, ...(SELECTABLE[plural] ?? [])];
  const tests = splitOutsideParentheses(text).map((part) => {
    const [, field = '', operator, value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? [];
    if (!operator) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
    if (!known.includes(field)) throw badRequest(unknownField(plural, field));
    return (object: KubeObject) => (fieldOf(object, field) === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

function unknownField(plural: string, field: string): string {
  if (plural in SELECTABLE) return `field label not supported: ${field}`;
  return `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function fieldOf(object: KubeObject, field: string): string {
  if (field === 'source') field = 'source.component';
  let value: unknown = object;
  for (const step of field.split('.')) value = isRecord(value) ? value[step] : undefined;
  if (field === 'spec.unschedulable' || field === 'spec.hostNetwork') return String(value === true);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
