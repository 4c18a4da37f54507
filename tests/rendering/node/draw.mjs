// Draws Adaptive Cards with Microsoft's renderer: one card in JSON a line comes in, one line in JSON goes out about each.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { JSDOM } from 'jsdom';
import MarkdownIt from 'markdown-it';

// In the page, as a browser runs it: Node does not follow the names of files in its modules.
const bundle = fileURLToPath(import.meta.resolve('adaptivecards/dist/adaptivecards.min.js'));
const { window } = new JSDOM('<!doctype html><body></body>', { runScripts: 'outside-only' });
// jsdom lays nothing out, so it has no innerText; the renderer writes its labels with it.
Object.defineProperty(window.HTMLElement.prototype, 'innerText', {
  get() {
    return this.textContent;
  },
  set(text) {
    this.textContent = text;
  },
});
window.eval(readFileSync(bundle, 'utf8'));
const { AdaptiveCards: cards, document } = window;
const markdown = new MarkdownIt({ html: false, linkify: false });
cards.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown.render(text);
  result.didProcess = true;
};

const said = (event) => `${cards.ValidationEvent[event.event] ?? event.event}: ${event.message}`;

function draw(json) {
  const card = new cards.AdaptiveCard();
  card.hostConfig = new cards.HostConfig({ supportsInteractivity: true, actions: { maxActions: 6 } });
  const context = new cards.SerializationContext(cards.Versions.v1_5);
  cards.CardElement.langProperty.regEx.lastIndex = 0; // else it refuses the language of every second card
  card.parse(json, context);
  const events = [];
  for (let number = 0; number < context.eventCount; number++) {
    events.push(said(context.getEventAt(number)));
  }
  events.push(...card.validateProperties().validationEvents.map(said));
  const element = card.render();
  document.body.replaceChildren(element);
  const buttons = [...element.querySelectorAll('button')];
  const shown = element.cloneNode(true);
  for (const apart of shown.querySelectorAll('button, select, textarea, input')) {
    apart.remove();
  }
  // What a browser shows before an item.
  for (const list of shown.querySelectorAll('ol')) {
    [...list.children].forEach((item, number) => item.prepend(`${list.start + number}. `));
  }
  // A paragraph or an item is not joined to the next one.
  for (const block of shown.querySelectorAll('p, li, div')) {
    block.append('\n');
  }
  return {
    text: shown.textContent,
    buttons: buttons.map((button) => button.textContent),
    inputs: card.getAllInputs().map((input) => input.id),
    options: [...element.querySelectorAll('option')].map((option) => option.textContent),
    links: [...element.querySelectorAll('a[href]')].map((link) => [link.textContent, link.getAttribute('href')]),
    events,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(draw(JSON.parse(line)))}\n`);
}
