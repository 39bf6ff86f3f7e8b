import { createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/**
 * Just enough X.509 to sign a server certificate without openssl: ASN.1 DER (ITU-T X.690) for the fields of RFC 5280 that
 * OpenSSL, Go and Node look at.
 */
export interface CertificateRequest {
  commonName: string;
  publicKey: KeyObject;
  issuer: { commonName: string; privateKey: KeyObject; publicKey: KeyObject };
  isAuthority: boolean;
  serial: Buffer;
  /** Names and addresses for the subjectAltName. */
  dns?: string[];
  ips?: string[];
  days: number;
}

export function writeCertificate(request: CertificateRequest): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))), // version 3
    integer(request.serial),
    algorithm,
    distinguishedName(request.issuer.commonName),
    sequence(utcTime(Date.now() - 3_600_000), utcTime(Date.now() + request.days * 86_400_000)),
    distinguishedName(request.commonName),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions(request))),
  );
  const signature = sign('sha256', body, request.issuer.privateKey);
  const der = sequence(body, algorithm, bitString(signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extensions(request: CertificateRequest): Buffer[] {
  const subjectKey = keyIdentifier(request.publicKey);
  const issuerKey = keyIdentifier(request.issuer.publicKey);
  const list = [
    extension('2.5.29.14', octetString(subjectKey)),
    extension('2.5.29.35', sequence(element(0x80, issuerKey))),
    extension('2.5.29.19', request.isAuthority ? sequence(boolean(true)) : sequence(), true),
    extension('2.5.29.15', element(0x03, Buffer.from(request.isAuthority ? [1, 0x06] : [7, 0x80])), true), // certSign+crlSign, digitalSignature
  ];
  if (!request.isAuthority) {
    const names = [
      ...(request.dns ?? []).map((name) => element(0x82, Buffer.from(name))),
      ...(request.ips ?? []).map((ip) => element(0x87, Buffer.from(ip.split('.').map(Number)))),
    ];
    list.push(extension('2.5.29.17', sequence(...names)), extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))));
  }
  return list;
}

/** The public key's bits alone identify the key: the last 65 bytes of an uncompressed P-256 SPKI. */
function keyIdentifier(key: KeyObject): Buffer {
  return createPublicKey(key.export({ type: 'spki', format: 'pem' }))
    .export({ type: 'spki', format: 'der' })
    .subarray(-20);
}

function element(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => element(0x30, ...parts);
const tagged = (number: number, content: Buffer) => element(0xa0 + number, content);
const boolean = (value: boolean) => element(0x01, Buffer.from([value ? 255 : 0]));
const octetString = (content: Buffer) => element(0x04, content);
const bitString = (content: Buffer) => element(0x03, Buffer.from([0]), content);
const utcTime = (at: number) => element(0x17, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

function integer(bytes: Buffer): Buffer {
  const first = bytes[0] ?? 0;
  return element(0x02, first > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(element(0x31, sequence(oid('2.5.4.3'), element(0x0c, Buffer.from(commonName)))));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 127];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    bytes.push(...groups);
  }
  return element(0x06, Buffer.from(bytes));
}
