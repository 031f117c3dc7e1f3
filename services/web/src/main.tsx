import './styles/tokens.css';
import './styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { reloadWhenReplaced } from './reload-when-replaced.ts';
import { applyTheme } from './settings/theme.ts';

applyTheme(document.documentElement);
reloadWhenReplaced();
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
