import { describe } from 'vitest';
import { registryContract } from '../contract/registry/suite.ts';
import { pushImage } from '../support/push.ts';

/** Set by the env file that test/cluster/up names; without it the suite is shown as skipped. */
const host = process.env['REPULL_TEST_REGISTRY'];

describe.skipIf(host === undefined)('a real registry', () => {
  registryContract('docker-registry', async () => ({ host: host ?? '', push: pushImage, close: async () => undefined }));
});
