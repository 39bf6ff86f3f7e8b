import { memo, type ReactNode } from 'react';
import type { ClusterPanel, PanelPod, PanelTag, PanelWorkload } from '../../page-server/wire.ts';
import { Digest } from './digest.tsx';

const imageName = (image: string): string => image.replace(/^[^/]+[.:][^/]*\//, '').replace(/@sha256:([0-9a-f]{7})[0-9a-f]*/, '@$1');

export function Workloads({ panel }: { panel: ClusterPanel }): ReactNode {
  const namespaces = [...new Set(panel.workloads.map((workload) => workload.namespace))];
  return (
    <>
      {namespaces.map((namespace) => (
        <section key={namespace} aria-label={`Namespace ${namespace}`}>
          <h3>
            {namespace} <small>namespace</small>
          </h3>
          {panel.workloads
            .filter((workload) => workload.namespace === namespace)
            .map((workload) => (
              <Workload
                key={workload.key}
                workload={workload}
                pods={panel.pods.filter((pod) => pod.workload === workload.key)}
                tags={panel.tags}
              />
            ))}
        </section>
      ))}
      {namespaces.length === 0 && <p className="muted">No workloads here.</p>}
    </>
  );
}

function Workload({ workload, pods, tags }: { workload: PanelWorkload; pods: PanelPod[]; tags: PanelTag[] }): ReactNode {
  const image = workload.containers[0]?.image ?? '';
  const tag = tags.find((one) => one.ref === image.replace(/@.*$/, ''));
  const isStale =
    tag !== undefined &&
    pods.some((pod) => pod.tone === 'good' && pod.containers[0] !== undefined && pod.containers[0].digest !== tag.digest);
  return (
    <article className="workload" aria-label={`${workload.kind} ${workload.name}`}>
      <header>
        <b>{workload.name}</b>
        <span className="kind">{workload.kind}</span>
        <span className={`count ${workload.ready === workload.desired ? '' : 'busy'}`}>
          {workload.ready}/{workload.desired} ready
        </span>
      </header>
      <p className="muted image">
        {imageName(image)} <span className="policy">{workload.containers[0]?.policy}</span>
        {isStale && <span className="stale">registry has newer</span>}
      </p>
      <ul className="pods">
        {pods.map((pod) => (
          <Pod
            key={pod.name}
            pod={pod}
            short={pod.name.startsWith(`${workload.name}-`) ? pod.name.slice(workload.name.length + 1) : pod.name}
          />
        ))}
      </ul>
    </article>
  );
}

const Pod = memo(
  function Pod({ pod, short }: { pod: PanelPod; short: string }): ReactNode {
    const container = pod.containers[0];
    const restarts = pod.containers.reduce((sum, one) => sum + one.restarts, 0);
    return (
      <li className={`pod ${pod.tone}`} title={`${pod.namespace}/${pod.name} on ${pod.node || 'no node yet'}`}>
        <span className="dot" aria-hidden="true" />
        <span className="pod-name">{short.replace(/^[a-z0-9]{8,10}-(?=[a-z0-9]{5}$)/, '')}</span>
        <span className="phase">{pod.phase}</span>
        {restarts > 0 && <span className="restarts">↻{restarts}</span>}
        <span className="node">{pod.node}</span>
        <Digest digest={container?.digest ?? ''} />
      </li>
    );
  },
  (a, b) => a.short === b.short && JSON.stringify(a.pod) === JSON.stringify(b.pod),
);
