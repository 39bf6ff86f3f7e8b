import { describe, it } from 'vitest';
import { registryContract } from '../contract/registry/suite.ts';
import { pushImage } from '../support/push.ts';

const host = process.env['REPULL_TEST_REGISTRY'];
if (host === undefined) {
  describe('the registry client on a real registry', () =>
    it.skip('needs REPULL_TEST_REGISTRY: . the env file that test/cluster/up names', () => undefined));
} else {
  registryContract('the registry client on a real registry', async () => ({ host, push: pushImage, close: async () => undefined }));
}
