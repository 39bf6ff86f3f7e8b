import { type ReactNode, useState } from 'react';
import type { ClusterPanel } from '../../page-server/wire.ts';
import { Icon } from '../frame/icons.tsx';
import { Digest } from './digest.tsx';
import { Events } from './events.tsx';
import { Registry } from './registry.tsx';
import { Workloads } from './workloads.tsx';

const TABS = ['Workloads', 'Nodes', 'Events'] as const;

/** The truth that the channel talks about, beside it. */
export function ClusterPane({ panel, close }: { panel: ClusterPanel | undefined; close: () => void }): ReactNode {
  const [tab, setTab] = useState<(typeof TABS)[number]>('Workloads');
  return (
    <aside className="cluster" aria-label="Cluster">
      <header className="pane-head">
        <Icon name="cluster" size={20} />
        <h2>{panel?.name ?? 'Cluster'}</h2>
        {panel && <span className="kind">{panel.simulated ? 'simulated' : 'real'}</span>}
        <button type="button" className="plain-button end" aria-label="Close cluster" onClick={close}>
          <Icon name="close" size={20} />
        </button>
      </header>
      {panel && (
        <div className="cluster-body">
          {panel.note && (
            <p className="note" role="status">
              {panel.note}
            </p>
          )}
          <Registry panel={panel} />
          <div className="tabs" role="tablist">
            {TABS.map((one) => (
              <button key={one} type="button" role="tab" aria-selected={one === tab} onClick={() => setTab(one)}>
                {one}
              </button>
            ))}
          </div>
          {tab === 'Workloads' && (
            <>
              <Workloads panel={panel} />
              <Events events={panel.events.slice(0, 12)} />
            </>
          )}
          {tab === 'Events' && <Events events={panel.events} />}
          {tab === 'Nodes' && <Nodes panel={panel} />}
        </div>
      )}
    </aside>
  );
}

function Nodes({ panel }: { panel: ClusterPanel }): ReactNode {
  return (
    <>
      {panel.nodes.map((node) => (
        <section key={node.name} className="node-box" aria-label={`Node ${node.name}`}>
          <h3>
            {node.name} <small className={node.ready ? '' : 'stale'}>{node.ready ? 'Ready' : 'NotReady'}</small>
          </h3>
          <p className="muted">{panel.pods.filter((pod) => pod.node === node.name).length} pods. Images it has already:</p>
          <ul className="tags">
            {node.images.map((image) => (
              <li key={`${image.name} ${image.digest}`}>
                <span className="tag-name">{image.name.replace(/^[^/]+[.:][^/]*\//, '')}</span>
                <Digest digest={image.digest} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
