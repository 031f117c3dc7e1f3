import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { compressed } from './build/compressed.ts';
import { ROUTES } from './src/routes.ts';

/** Where `make up` has its gateway. */
const GATEWAY = process.env.GATEWAY_URL ?? 'http://localhost:8080';

/** Names the addresses to which the gateway responds with the web app. */
const routes: Plugin = {
  name: 'routes',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: '.routes.json', source: JSON.stringify(Object.values(ROUTES)) });
  },
};

export default defineConfig({
  plugins: [react(), routes, compressed],
  build: {
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // A policy without `data:` lets no image or font be part of a style.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: {
    // With the Host that the browser named, which the gateway compares with its Origin.
    proxy: { '/api': { target: GATEWAY, changeOrigin: false, ws: true } },
  },
});
