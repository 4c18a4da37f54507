import './styles/frame.css';
import { createRoot } from 'react-dom/client';
import { readConfiguration } from './configuration.ts';
import { connectToParent } from './parent.ts';
import { Conversation } from './protocol/conversation.ts';
import { App } from './ui/App.tsx';

const configuration = readConfiguration();
const conversation = new Conversation(configuration.language);
// At once, since the launcher speaks as soon as the page is loaded.
const parent = connectToParent(configuration.origins);
const root = document.getElementById('root');

if (root) {
  conversation.start();
  createRoot(root).render(<App configuration={configuration} conversation={conversation} parent={parent} />);
}
