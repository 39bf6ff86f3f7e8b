import { type ReactNode, useRef, useState } from 'react';
import type { ClusterPanel, PanelTag } from '../../page-server/wire.ts';
import { Icon } from '../frame/icons.tsx';
import { useOutside } from '../frame/use-outside.ts';
import { usePage } from '../live/context.ts';
import { Digest } from './digest.tsx';

export function Registry({ panel }: { panel: ClusterPanel }): ReactNode {
  return (
    <section aria-label="Registry">
      <h3>Registry</h3>
      {panel.tags.length === 0 && (
        <p className="muted">{panel.canPush ? 'Nothing was pushed yet.' : 'This page knows no registry here, so it cannot push.'}</p>
      )}
      <ul className="tags">
        {panel.tags.map((tag) => (
          <Tag key={tag.ref} tag={tag} canPush={panel.canPush} />
        ))}
      </ul>
    </section>
  );
}

function Tag({ tag, canPush }: { tag: PanelTag; canPush: boolean }): ReactNode {
  const { actor } = usePage();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useOutside(box, open, () => setOpen(false));
  const push = async (crash: boolean): Promise<void> => {
    setOpen(false);
    setBusy(true);
    try {
      await actor.push(tag.ref, crash);
    } finally {
      setBusy(false);
    }
  };
  return (
    <li>
      <div className="tag-name">
        <b>
          {tag.repository}:<wbr />
          {tag.tag}
        </b>
        <span className="muted">{tag.version}</span>
      </div>
      <Digest digest={tag.digest} />
      {canPush && (
        <div className="split" ref={box}>
          <button
            type="button"
            className="button"
            aria-busy={busy}
            title={`Push a new build under ${tag.repository}:${tag.tag}`}
            onClick={() => void push(false)}
          >
            {busy ? <span className="spinner" aria-hidden="true" /> : <Icon name="upload" size={14} />} Push new build
          </button>
          <button
            type="button"
            className="button square"
            aria-label={`Other builds for ${tag.repository}:${tag.tag}`}
            aria-haspopup="menu"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <Icon name="down" size={12} />
          </button>
          {open && (
            <div className="menu" role="menu">
              <button type="button" role="menuitem" onClick={() => void push(false)}>
                <span>Push a new build</span>
                <small>another digest under the same tag</small>
              </button>
              <button type="button" role="menuitem" onClick={() => void push(true)}>
                <span>Push a crashing build</span>
                <small>its process exits with 1 at once</small>
              </button>
            </div>
          )}
        </div>
      )}
    </li>
  );
}
