// SPDX-License-Identifier: Apache-2.0
/* main.tsx - starts the client. */
import { render } from 'preact';
import { App } from './app/App.tsx';
import { createApp } from './app/create_app.ts';
import { registerWorker } from './app/register_worker.ts';
import { language, setLanguage } from './text/text.ts';
import './ui/tokens.css';
import './ui/base.css';

setLanguage(language(), false);
const root = document.getElementById('app');
if (!root) throw new Error('the page has no place for the client');
const app = createApp();
render(<App app={app} />, root);
void app.start();
registerWorker();
