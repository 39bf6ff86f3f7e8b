import { stories } from '../support/stories.ts';
import { simulatedWorld } from '../support/world.ts';

stories('the simulated cluster', () => simulatedWorld());
