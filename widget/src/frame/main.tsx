import './styles/frame.css';
import { createRoot } from 'react-dom/client';
import { readConfiguration } from './configuration.ts';
import { Conversation } from './protocol/conversation.ts';
import { App } from './ui/App.tsx';

const configuration = readConfiguration();
const conversation = new Conversation(configuration.language);
const root = document.getElementById('root');
// The page's policy lets in style sheets that carry the nonce of its script.
const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';

if (root) {
  conversation.start();
  createRoot(root).render(<App configuration={configuration} conversation={conversation} nonce={nonce} />);
}
