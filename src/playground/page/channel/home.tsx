import { type ReactNode, useEffect, useMemo } from 'react';
import type { View } from '../../page-server/wire.ts';
import { Blocks } from '../blocks/blocks.tsx';
import type { BlockHost } from '../blocks/host.ts';
import { usePage } from '../live/context.ts';

/** The app's Home tab. Opening it tells the app, which then publishes what this person should see. */
export function Home({ view }: { view: View | undefined }): ReactNode {
  const { actor, workspace } = usePage();
  useEffect(() => {
    void actor.do({ do: 'open-home' });
  }, [actor]);
  const host = useMemo<BlockHost>(() => {
    const action = (actionId: string | undefined, blockId: string | undefined) => ({
      actionId: actionId ?? '',
      ...(blockId === undefined ? {} : { blockId }),
    });
    return {
      async press({ element, blockId, value }) {
        await actor.do({ do: 'home-act', action: action(element.action_id, blockId), ...(value === undefined ? {} : { value }) });
      },
      suggest: (element, blockId, typed) => actor.suggest({ do: 'suggest', action: action(element.action_id, blockId), typed }),
    };
  }, [actor]);
  return (
    <div className="home" role="region" aria-label="App Home">
      {view ? (
        <Blocks blocks={view.blocks} host={host} />
      ) : (
        <p className="empty">{workspace.botName} has not published anything here yet.</p>
      )}
    </div>
  );
}
