import { stories } from '../support/stories.ts';
import { realWorld } from '../support/world.ts';

stories('a real Kubernetes', () => realWorld());
