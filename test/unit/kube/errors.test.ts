import { describe, expect, it } from 'vitest';
import { BackendAway } from '../../../src/app/ports.ts';
import { failureOf, StatusError } from '../../../src/kube/errors.ts';

const call = { method: 'PATCH', path: '/apis/apps/v1/namespaces/shop/deployments/web' };
const answered = (status: number, body: object | string, retryAfter?: string) =>
  StatusError.from(call, status, typeof body === 'string' ? body : JSON.stringify({ kind: 'Status', code: status, ...body }), retryAfter);
const failure = (status: number, body: object | string) => failureOf(answered(status, body), 'deployment/shop/web');

describe('what an answer of the API server means', () => {
  it('a missing right names verb and resource, and the line of the Role to add', () => {
    const message =
      'deployments.apps "web" is forbidden: User "system:serviceaccount:repull:worker" cannot patch resource "deployments" in API group "apps" in the namespace "shop"';
    expect(failure(403, { reason: 'Forbidden', message })).toEqual({
      code: 'bot-forbidden',
      subject: 'patch deployments',
      evidence: message,
      remedy: 'add to the worker\'s Role in namespace shop: { apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"] }',
    });
  });

  it('a missing right beyond namespaces belongs into a ClusterRole', () => {
    const message = 'nodes "node-1" is forbidden: User "x" cannot get resource "nodes" in API group "" at the cluster scope';
    expect(failure(403, { message }).remedy).toBe(
      'add to the worker\'s ClusterRole: { apiGroups: [""], resources: ["nodes"], verbs: ["get"] }',
    );
  });

  it.each`
    status | body                                                                                          | code                   | transient
    ${403} | ${{ message: 'admission webhook "policy.example" denied the request: no latest tags' }}       | ${'admission-refused'} | ${undefined}
    ${400} | ${{ message: 'admission webhook "policy.example" denied the request' }}                       | ${'admission-refused'} | ${undefined}
    ${422} | ${{ reason: 'Invalid', message: 'Deployment.apps "web" is invalid: spec.template' }}          | ${'admission-refused'} | ${undefined}
    ${500} | ${{ message: 'Internal error occurred: failed calling webhook "policy.example": connect' }}   | ${'admission-refused'} | ${true}
    ${404} | ${{ reason: 'NotFound', message: 'deployments.apps "web" not found' }}                        | ${'workload-gone'}     | ${undefined}
    ${409} | ${{ reason: 'Conflict', message: 'the object has been modified' }}                            | ${'conflict'}          | ${true}
    ${403} | ${{ message: 'being terminated', details: { causes: [{ reason: 'NamespaceTerminating' }] } }} | ${'workload-gone'}     | ${undefined}
  `('$status $body.message is $code', ({ status, body, code, transient }) => {
    expect(failure(status, body)).toMatchObject({ code, subject: 'deployment/shop/web', evidence: body.message });
    expect(failure(status, body).transient).toBe(transient);
  });

  it.each([401, 408, 429, 500, 502, 503, 504])('%i is an outage, and no verdict on the request', (status) => {
    expect(() => failure(status, { message: 'try again' })).toThrow(BackendAway);
  });

  it('an outage keeps the time after which the server wants to be asked again', () => {
    const errors = [answered(429, { message: 'slow down' }, '3'), answered(503, { details: { retryAfterSeconds: 3 } })];
    for (const error of errors) expect(() => failureOf(error, 'x')).toThrow(expect.objectContaining({ retryAfterMs: 3000 }));
  });

  it('a page of a proxy is quoted, cut to 1,000 characters', () => {
    expect(failure(403, `<html>${'x'.repeat(5000)}`).evidence).toHaveLength(1000);
  });

  it('whatever is no answer of the server is passed on', () => {
    expect(() => failureOf(new TypeError('a bug'), 'x')).toThrow(TypeError);
  });
});
