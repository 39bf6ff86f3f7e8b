import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import 'slack-blocks-to-jsx/dist/style.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/message.css';
import './styles/blocks.css';
import './styles/composer.css';
import './styles/dialogs.css';
import './styles/cluster.css';
import './styles/narrow.css';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
