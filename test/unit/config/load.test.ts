import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPolicy, watchPolicy } from '../../../src/config/load.ts';
import type { Policy } from '../../../src/domain/policy.ts';
import { EXAMPLE } from './example.ts';

let folder: string;
let close: (() => void) | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repull-load-'));
});
afterEach(async () => {
  close?.();
  await rm(folder, { recursive: true });
});

/** Everything the watch reports, to be awaited one by one. */
function watching(file: string, hash?: string, settleMs = 2): { next(): Promise<string>; reported(): number } {
  const reports: string[] = [];
  const waiting: ((report: string) => void)[] = [];
  let count = 0;
  const report = (text: string): void => {
    count += 1;
    const first = waiting.shift();
    if (first === undefined) reports.push(text);
    else first(text);
  };
  const votes = (policy: Policy): string => `votes ${policy.environments.get('prod')?.approval.votes}`;
  ({ close } = watchPolicy(
    file,
    {
      onPolicy: (policy) => report(votes(policy)),
      onProblems: ([problem]) => report(`${problem?.line}:${problem?.column} ${problem?.message}`),
    },
    { intervalMs: 5, settleMs, ...(hash === undefined ? {} : { hash }) },
  ));
  return {
    next: () => new Promise((resolve) => (reports.length > 0 ? resolve(reports.shift() ?? '') : waiting.push(resolve))),
    reported: () => count,
  };
}

const put = async (file: string, text: string): Promise<string> => {
  await writeFile(file, text);
  return file;
};
const withVotes = (votes: number): string => EXAMPLE.replace('votes: 1', `votes: ${votes}`);

describe('loading', () => {
  it('gives policy and hash, or the problems of the file', async () => {
    const file = join(folder, 'policy.yaml');
    await writeFile(file, EXAMPLE);
    expect(await loadPolicy(file)).toMatchObject({ ok: true, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await writeFile(file, 'enviroments: {}');
    expect(await loadPolicy(file)).toMatchObject({ ok: false, problems: [{ file, line: 1, column: 1 }, {}, {}, {}] });
  });

  it.each(['nowhere.yaml', '.'])('of %s is a problem, never a throw', async (name) => {
    expect(await loadPolicy(join(folder, name))).toMatchObject({
      ok: false,
      problems: [{ line: 1, column: 1, path: '(file)', message: expect.stringContaining('cannot be read') }],
    });
  });
});

describe('hot reload', () => {
  it('follows a ConfigMap, whose files change by swapping a symlink', async () => {
    const publish = async (version: number): Promise<void> => {
      await mkdir(join(folder, `..${version}`));
      await writeFile(join(folder, `..${version}`, 'policy.yaml'), withVotes(version));
      await symlink(`..${version}`, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    await publish(1);
    await symlink(join('..data', 'policy.yaml'), join(folder, 'policy.yaml'));
    const watch = watching(join(folder, 'policy.yaml'));
    expect(await watch.next()).toBe('votes 1');
    await publish(2);
    expect(await watch.next()).toBe('votes 2');
    await rm(join(folder, '..1'), { recursive: true });
    await publish(3);
    expect(await watch.next()).toBe('votes 3');
  });

  it('keeps quiet while nothing changes, also about the policy it was given', async () => {
    const file = join(folder, 'policy.yaml');
    await writeFile(file, withVotes(1));
    const loaded = await loadPolicy(file);
    const watch = watching(file, loaded.ok ? loaded.hash : '');
    await writeFile(`${file}.new`, withVotes(2));
    await rename(`${file}.new`, file);
    expect(await watch.next()).toBe('votes 2');
    await writeFile(`${file}.new`, withVotes(3));
    await rename(`${file}.new`, file);
    expect(await watch.next()).toBe('votes 3');
    expect(watch.reported()).toBe(2);
  });

  it('says once that a file is broken or gone, and goes on when it is mended, be it to what it was', async () => {
    const file = join(folder, 'policy.yaml');
    const put = async (text: string): Promise<void> => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    };
    await put(withVotes(1));
    const watch = watching(file);
    expect(await watch.next()).toBe('votes 1');
    await put(EXAMPLE.replace('votes: 1', 'votes: one'));
    expect(await watch.next()).toBe('5:24 expected a number, got "one"');
    await rm(file);
    expect(await watch.next()).toContain('cannot be read: ENOENT');
    await put(withVotes(1));
    expect(await watch.next()).toBe('votes 1');
    expect(watch.reported()).toBe(4);
  });

  it('does not take half a file for a whole one, though it is a file too', async () => {
    const file = join(folder, 'policy.yaml');
    const loaded = await loadPolicy(await put(file, withVotes(1)));
    const watch = watching(file, loaded.ok ? loaded.hash : '', 4_000);
    // As it is written in two strokes: valid in between, and without the votes.
    await put(file, EXAMPLE.replace(/\n.*approval:.*/, ''));
    for (let look = 0; look < 10; look += 1) await loadPolicy(join(folder, 'policy.yaml'));
    await put(file, withVotes(2));
    expect(await watch.next()).toBe('votes 2');
    expect(watch.reported()).toBe(1);
  });

  it('says nothing of what it was reading when it was closed', async () => {
    // Opening a pipe to write succeeds at the moment somebody opens it to read.
    const file = join(folder, 'pipe');
    execFileSync('mkfifo', [file]);
    const watch = watching(file);
    const writer = await open(file, 'w');
    close?.();
    await writer.writeFile(withVotes(1));
    await writer.close();
    await writeFile(join(folder, 'other.yaml'), EXAMPLE);
    for (let look = 0; look < 10; look += 1) await loadPolicy(join(folder, 'other.yaml'));
    expect(watch.reported()).toBe(0);
  });

  it('ends when it is closed', async () => {
    const file = join(folder, 'policy.yaml');
    await writeFile(file, withVotes(1));
    const closed = watching(file);
    close?.();
    await writeFile(file, withVotes(2));
    const other = watching(file);
    expect(await other.next()).toBe('votes 2');
    expect(closed.reported()).toBe(0);
  });
});
