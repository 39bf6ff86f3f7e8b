import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/stage.ts';

describe('every kind of workload on a real cluster', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
  }, 60_000);

  it.concurrent('a Deployment', async () => {
    await stage.start('plain');
    await stage.push('plain');
    const text = await stage.repull('plain');
    console.log(text);
    console.log(stage.thread('plain'));
    console.log(await stage.repull('plain'));
    expect(text).toMatch(/Succeeded/);
  });
});
