/** An image reference as containerd and the kubelet read it, with the Docker defaults filled in. */
export interface Reference {
  /** e.g. docker.io, localhost:5000 */
  host: string;
  /** e.g. library/nginx */
  repository: string;
  /** `latest` when neither tag nor digest was given; empty when only a digest was given. */
  tag: string;
  digest: string;
  /** HOST/REPOSITORY */
  name: string;
}

const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** undefined when the text is no image reference (an upper-case repository, a bad tag or digest). */
export function parseReference(text: string): Reference | undefined {
  const [before = '', digest = '', ...more] = text.split('@');
  if (more.length > 0 || (digest && !/^sha256:[0-9a-f]{64}$/.test(digest)) || (text.includes('@') && !digest)) return undefined;
  const slash = before.indexOf('/');
  const first = slash < 0 ? '' : before.slice(0, slash);
  const isHost = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  const host = isHost ? first : 'docker.io';
  const path = isHost ? before.slice(slash + 1) : before;
  const [, name = '', tag = ''] = /^(.*?)(?::([\w][\w.-]{0,127}))?$/.exec(path) ?? [];
  const repository = host === 'docker.io' && !name.includes('/') ? `library/${name}` : name;
  if (!REPOSITORY.test(repository)) return undefined;
  return { host, repository, tag: tag || (digest ? '' : 'latest'), digest, name: `${host}/${repository}` };
}
