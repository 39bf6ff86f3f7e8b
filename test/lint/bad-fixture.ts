// Deliberately wrong: scripts/lint-fences.mjs copies this into src/domain and expects lint to refuse every line of it.
import { Redis } from 'ioredis';
import { render } from '../slack/render/card.ts';

export const now = () => new Date();
export const dice = () => Math.random();
export const secret = () => process.env.SLACK_BOT_TOKEN;
export const both = [Redis, render];
