import type { Kubelet } from '../kubelet/kubelet.ts';
import type { Pod } from '../objects.ts';
import { badRequest, notFound } from './errors.ts';
import { resourceNamed } from './resources.ts';
import type { Store } from './store.ts';

/** What `kubectl logs` gets, or why not, in the words of the API server and the kubelet. */
export function readPodLog(store: Store, kubelets: Kubelet[], namespace: string, name: string, query: Record<string, string>): string {
  const pod = store.get<Pod>('pods', namespace, name);
  if (!pod) throw notFound({ ...resourceNamed('pods'), name });
  const container = query['container'] ?? onlyContainer(pod);
  const known = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some((one) => one.name === container);
  if (!known) throw badRequest(`container ${container} is not valid for pod ${name}`);
  const kubelet = kubelets.find((one) => one.node === pod.spec.nodeName);
  if (!kubelet) throw badRequest(`pod ${name} does not have a host assigned`);
  const isPrevious = query['previous'] === 'true';
  const text = kubelet.log(pod.metadata.uid ?? '', container, isPrevious);
  if (text === undefined)
    throw badRequest(isPrevious ? `previous terminated container "${container}" in pod "${name}" not found` : waitingText(pod, container));
  return lastLines(text, query['tailLines']);
}

function onlyContainer(pod: Pod): string {
  const [first, ...more] = pod.spec.containers;
  const inits = pod.spec.initContainers ?? [];
  if (more.length === 0 && first) return first.name;
  const names = (list: { name: string }[]) => `[${list.map((one) => one.name).join(' ')}]`;
  const initText = inits.length > 0 ? ` or one of the init containers: ${names(inits)}` : '';
  throw badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: ${names(pod.spec.containers)}${initText}`,
  );
}

function waitingText(pod: Pod, container: string): string {
  const statuses = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])];
  const reason = statuses.find((one) => one.name === container)?.state.waiting?.reason ?? 'ContainerCreating';
  const said: Record<string, string> = {
    ErrImagePull: "image can't be pulled",
    ImagePullBackOff: 'trying and failing to pull image',
  };
  return `container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${said[reason] ?? reason}`;
}

function lastLines(text: string, tail: string | undefined): string {
  if (tail === undefined) return text;
  const lines = text.split('\n').slice(0, -1);
  const count = Number(tail);
  return count === 0
    ? ''
    : lines
        .slice(-count)
        .map((line) => `${line}\n`)
        .join('');
}
