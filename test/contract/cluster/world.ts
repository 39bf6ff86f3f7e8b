import { randomBytes } from 'node:crypto';
import { Client, STRATEGIC } from './client.ts';
import type { Json } from './client.ts';

/** What every part of the suite works in: one namespace, one repository prefix. */
export class World {
  readonly client: Client;
  readonly namespace: string;
  private readonly created: string[] = [];

  constructor(client: Client) {
    this.client = client;
    this.namespace = `contract-${randomBytes(3).toString('hex')}`;
  }

  async open(): Promise<void> {
    await this.addNamespace(this.namespace);
  }

  async addNamespace(name: string): Promise<void> {
    await this.client.do('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
    this.created.push(name);
    // Pods are refused until the service account is there.
    await this.client.until(`/api/v1/namespaces/${name}/serviceaccounts/default`, (found) => found?.kind === 'ServiceAccount');
  }

  async close(): Promise<void> {
    for (const name of this.created) await this.client.ask('DELETE', `/api/v1/namespaces/${name}`);
  }

  /** An image reference of this run's own, so that node caches of earlier runs do not matter. */
  image(name: string, tag = 'v1'): string {
    return `${this.client.cluster.registry}/${this.namespace}/${name}:${tag}`;
  }

  path(plural: string, name = '', query = ''): string {
    const groups: Record<string, string> = {
      deployments: 'apis/apps/v1',
      replicasets: 'apis/apps/v1',
      statefulsets: 'apis/apps/v1',
      daemonsets: 'apis/apps/v1',
      controllerrevisions: 'apis/apps/v1',
      poddisruptionbudgets: 'apis/policy/v1',
      jobs: 'apis/batch/v1',
      cronjobs: 'apis/batch/v1',
      roles: 'apis/rbac.authorization.k8s.io/v1',
      rolebindings: 'apis/rbac.authorization.k8s.io/v1',
    };
    return `/${groups[plural] ?? 'api/v1'}/namespaces/${this.namespace}/${plural}${name ? `/${name}` : ''}${query}`;
  }

  async create(plural: string, body: unknown): Promise<Json> {
    return await this.client.do('POST', this.path(plural), { body });
  }

  async get(plural: string, name: string): Promise<Json> {
    return await this.client.do('GET', this.path(plural, name));
  }

  async list(plural: string, query = ''): Promise<Json[]> {
    return (await this.client.do('GET', this.path(plural, '', query))).items;
  }

  async pods(app: string): Promise<Json[]> {
    const pods = await this.list('pods', `?labelSelector=app%3D${app}`);
    return pods.filter((pod) => !pod.metadata.deletionTimestamp);
  }

  async patch(plural: string, name: string, body: unknown, contentType = STRATEGIC, query = ''): Promise<Json> {
    return await this.client.do('PATCH', this.path(plural, name, query), { body, contentType });
  }

  async until(plural: string, name: string, holds: (object: Json) => boolean, seconds?: number): Promise<Json> {
    return await this.client.until(this.path(plural, name), holds, seconds);
  }

  /** Events about one object, in the order in which they last happened. */
  async events(uid: string): Promise<Json[]> {
    return await this.list('events', `?fieldSelector=involvedObject.uid%3D${uid}`);
  }

  /** kubectl's own test for a finished rollout, and no pod of an earlier one left. */
  async rolledOut(name: string): Promise<Json> {
    const deployment = await this.until('deployments', name, ({ metadata, spec, status }) => {
      const { observedGeneration = 0, updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status;
      return (
        observedGeneration >= metadata.generation &&
        updatedReplicas === spec.replicas &&
        replicas === updatedReplicas &&
        availableReplicas === updatedReplicas
      );
    });
    await this.client.until(
      this.path('pods', '', `?labelSelector=app%3D${name}`),
      (list) => list.items.length === deployment.spec.replicas,
    );
    return deployment;
  }

  /** What the page of kubectl rollout restart sends. */
  async restart(plural: string, name: string): Promise<Json> {
    const restartedAt = { 'repull.test/restarted': randomBytes(4).toString('hex') };
    return await this.patch(plural, name, { spec: { template: { metadata: { annotations: restartedAt } } } });
  }
}

export interface ContainerOptions {
  imagePullPolicy?: string;
  env?: { name: string; value: string }[];
  args?: string[];
  probe?: boolean;
}

export function container(image: string, options: ContainerOptions = {}): Json {
  const { probe = true, ...rest } = options;
  const readinessProbe = { exec: { command: ['/app', 'ready'] }, periodSeconds: 1 };
  return { name: 'app', image, ...rest, ...(probe ? { readinessProbe } : {}) };
}

export function template(app: string, containers: Json[], spec: Json = {}): Json {
  return { metadata: { labels: { app } }, spec: { terminationGracePeriodSeconds: 1, containers, ...spec } };
}

/** Any of the three kinds; `spec` is added to it. */
export function workload(app: string, podTemplate: Json, spec: Json = {}): Json {
  return { metadata: { name: app }, spec: { selector: { matchLabels: { app } }, template: podTemplate, ...spec } };
}

export const imageIdOf = (pod: Json): string => pod.status.containerStatuses[0].imageID;
export const digestOf = (pod: Json): string => imageIdOf(pod).split('@')[1] ?? '';
/** `reason: message` of every event, for assertions that show what happened instead. */
export const said = (events: Json[]): string[] => events.map((event) => `${event.reason}: ${event.message}`);
