import type { KubeApi } from './client.ts';
import { hasStatus } from './errors.ts';

const LINES = 10;
const WIDTH = 500;

/** What the kubelet writes into a 200 when the log file is not there any more. */
const NO_LOG = /^(?:unable to retrieve container logs for |failed to try resolving symlinks )/;

/** Last lines, those of the instance that ended first; undefined where nobody may or can read them. */
export async function lastLogs(api: KubeApi, pod: { namespace: string; name: string }, container: string): Promise<string[] | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`;
  for (const previous of ['true', undefined]) {
    try {
      const { text } = await api.text({ method: 'GET', path, query: { container, tailLines: String(LINES), previous } });
      const lines = text.split('\n').filter((line) => line !== '');
      if (lines.length > 0 && !NO_LOG.test(lines[0] ?? '')) return lines.slice(-LINES).map((line) => line.slice(0, WIDTH));
    } catch (error) {
      // 400: no previous instance, or the container has not started; 500: the kubelet is not there.
      if (!hasStatus(error, 400, 403, 404, 500, 502, 503)) throw error;
      if (error.status === 403) return undefined;
    }
  }
  return undefined;
}
