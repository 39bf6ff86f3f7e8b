import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeCertificate } from './der.ts';

export interface ServerIdentity {
  /** PEM of the CA, for clients. */
  ca: string;
  cert: string;
  key: string;
}

/** A fresh CA and a certificate for 127.0.0.1 (or other addresses) and localhost, made in memory: nothing to install, nothing that outlives the process. */
export function makeServerIdentity({ ips = ['127.0.0.1'] }: { ips?: string[] } = {}): ServerIdentity {
  const authority = { commonName: 'repull-simulated-ca', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = () => Buffer.concat([Buffer.from([1]), randomBytes(15)]);
  const ca = writeCertificate({
    commonName: authority.commonName,
    publicKey: authority.publicKey,
    issuer: authority,
    isAuthority: true,
    serial: serial(),
    days: 3650,
  });
  const cert = writeCertificate({
    commonName: 'repull-simulated-cluster',
    publicKey: server.publicKey,
    issuer: authority,
    isAuthority: false,
    serial: serial(),
    dns: ['localhost', 'kubernetes', 'kubernetes.default.svc'],
    ips,
    days: 3650,
  });
  return { ca, cert, key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}
