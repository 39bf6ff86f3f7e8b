import type { Plan } from './plan.ts';
import type { Ask } from './request.ts';

export function planFingerprint(_plan: Omit<Plan, 'hash'>): string {
  throw new Error('signature only');
}

export function sameness(_plan: Omit<Plan, 'hash'>, _ask: Ask): string {
  throw new Error('signature only');
}
