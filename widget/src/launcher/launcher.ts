import { configuration, type Language } from './configuration.ts';
import { Frame } from './frame.ts';
import styles from './launcher.css?inline';

const PATH = { chat: 'M4 5h16v11H9l-5 4z', close: 'M6 6l12 12M18 6L6 18' };

/** A child of `parent`. */
function add<Tag extends keyof HTMLElementTagNameMap>(
  parent: Node,
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const name in attributes) {
    element.setAttribute(name, attributes[name] ?? '');
  }
  parent.appendChild(element);
  return element;
}

function addIcon(parent: Node): (path: string) => void {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.appendChild(path);
  parent.appendChild(svg);
  return shape => path.setAttribute('d', shape);
}

/** Show the button; the window is made when it is first pressed. */
export function showLauncher(origin: string, firstLanguage: Language): void {
  let language = firstLanguage;
  let frame: Frame | null = null;
  let isOpen = false;
  const say = (name: string) => configuration.strings[language][`launcher_${name}`] ?? name;

  const host = document.createElement('support-triage-widget');
  const shadow = host.attachShadow({ mode: 'closed' });
  // A constructed sheet, which no policy of the host page forbids.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  shadow.adoptedStyleSheets = [sheet];

  const panel = add(shadow, 'div', { id: 'panel', class: 'panel', role: 'dialog', hidden: '' });
  const button = add(shadow, 'button', { type: 'button', class: 'launcher', 'aria-controls': 'panel', 'aria-haspopup': 'dialog' });
  const setIcon = addIcon(button);
  const label = add(button, 'span', {});

  const update = () => {
    panel.hidden = !isOpen;
    panel.setAttribute('aria-label', say('frame_title'));
    button.setAttribute('aria-expanded', String(isOpen));
    button.className = isOpen ? 'launcher launcher--open' : 'launcher';
    host.lang = language;
    label.textContent = say(isOpen ? 'close' : 'open');
    setIcon(isOpen ? PATH.close : PATH.chat);
    frame?.setLanguage(say);
  };
  const setOpen = (open: boolean) => {
    isOpen = open;
    update();
    if (open) {
      frame ??= new Frame(panel, origin, language, say, {
        close: () => setOpen(false),
        language: now => {
          language = now;
          update();
        },
      });
      frame.opened();
    } else {
      button.focus();
    }
  };

  button.addEventListener('click', () => setOpen(!isOpen));
  panel.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      setOpen(false);
    }
  });
  update();

  // Beside the body, so that what a page does with its body leaves the launcher alone.
  document.documentElement.appendChild(host);
  // The top layer is above any z-index.
  if (host.showPopover) {
    host.popover = 'manual';
    host.showPopover();
  }
}
