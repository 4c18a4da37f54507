/**
 * What the console's pages do in browsers beside htmx: shortcuts, copying, drafts, times. Without it they are plain forms.
 */
const find = selector => document.querySelector(selector);
const all = selector => [...document.querySelectorAll(selector)];

function announce(text) {
  const place = find('#announcer');
  if (place && text) {
    place.textContent = '';
    setTimeout(() => { place.textContent = text; }, 50); // the same text again is news as well
  }
}

/* Times */

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

function since(time) {
  const minutes = Math.round((Date.parse(time) - Date.now()) / 60_000);
  if (minutes > -1) {
    return 'just now';
  }
  if (minutes > -60) {
    return words.format(minutes, 'minute');
  }
  return minutes > -48 * 60 ? words.format(Math.round(minutes / 60), 'hour') : words.format(Math.round(minutes / 1440), 'day');
}

function waits(time) {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(time)) / 60_000));
  const hours = Math.floor(minutes / 60);
  if (hours < 1) {
    return `for ${minutes} min`;
  }
  return hours < 48 ? `for ${hours} h ${minutes % 60} min` : `for ${Math.floor(hours / 24)} days`;
}

function showTimes() {
  for (const time of all('time[data-since], time[data-waits]')) {
    time.title ||= time.textContent;
    const shown = 'waits' in time.dataset ? waits(time.dateTime) : since(time.dateTime);
    if (time.textContent !== shown) {
      time.textContent = shown;
    }
  }
}

/* Drafts: what is typed is never lost without a question */

const isDraft = field => field.value !== field.defaultValue && field.value.trim() !== '';
const changedFields = part =>
  [...part.querySelectorAll('select, input:not([type=hidden])')].filter(field =>
    field.matches('select') ? [...field.options].some(option => option.selected !== option.defaultSelected)
      : field.value !== field.defaultValue);

let isLeaving = false; // with a form that was sent
addEventListener('submit', event => {
  isLeaving = !event.target.matches('[hx-post], [method=dialog]');
});
addEventListener('beforeunload', event => {
  if (!isLeaving && all('textarea[data-draft]').some(isDraft)) {
    event.preventDefault();
  }
  isLeaving = false;
});

/* What is renewed */

let focused = null; // {id, part} of what had the focus in a part that is put in place of another
let stands = '';

addEventListener('htmx:oobBeforeSwap', ({ detail }) => {
  const { target, fragment } = detail;
  const fresh = fragment.querySelector?.(`#${CSS.escape(target.id)}`) ?? fragment.firstElementChild;
  if (!target.dataset.version || !fresh) {
    return;
  }
  if (target.dataset.version === fresh.dataset.version) {
    detail.shouldSwap = false; // nothing in it changed: an open menu or a selection stays
  } else if (!target.dataset.saved && changedFields(target).length > 0) {
    detail.shouldSwap = false; // somebody is filling it in
    const remark = target.querySelector('.stale');
    if (remark) {
      remark.hidden = false;
    }
  } else {
    for (const { id } of target.querySelectorAll('details[open]')) {
      fresh.querySelector(`#${CSS.escape(id)}`)?.setAttribute('open', '');
    }
    if (target.contains(document.activeElement)) {
      focused = { id: document.activeElement.id, part: target.id };
    }
  }
});

function keepFocus() {
  if (focused && (document.activeElement === document.body || document.activeElement === null)) {
    const part = document.getElementById(focused.part);
    const field = focused.id ? document.getElementById(focused.id) : null;
    const place = field && !field.disabled ? field : part;
    if (place === part) {
      part.tabIndex = -1;
    }
    place?.focus({ preventScroll: true });
  }
  focused = null;
}

/** Let the fields follow who has the case, without touching what is typed in them. */
function follow() {
  const now = find('#stands');
  if (!now) {
    return;
  }
  const isTalking = now.dataset.talking === 'yes';
  for (const fields of all('[data-needs=talking]')) {
    fields.disabled = !isTalking;
  }
  for (const hint of all('[data-shown]')) {
    hint.hidden = (hint.dataset.shown === 'talking') !== isTalking;
  }
  if (stands && stands !== now.dataset.announce) {
    announce(now.dataset.announce);
  }
  stands = now.dataset.announce;
}

function refresh() {
  showTimes();
  for (const button of all('[data-copy][hidden], #show-keys[hidden]')) {
    button.hidden = false;
  }
  follow();
  keepFocus();
}

addEventListener('htmx:afterSettle', refresh);
addEventListener('htmx:oobAfterSwap', refresh);
addEventListener('htmx:afterSwap', refresh);

/* Forms that are sent */

const sent = new WeakMap(); // form -> what was typed when it was sent

addEventListener('htmx:beforeRequest', ({ detail }) => {
  const form = detail.elt;
  const field = form.matches('form') && form.querySelector('[data-clears]');
  if (field) {
    sent.set(form, field.value);
  }
});

addEventListener('htmx:beforeSwap', ({ detail }) => {
  const form = detail.requestConfig?.elt;
  if (form?.matches('form[data-saves]') && detail.xhr.status < 400) {
    document.getElementById(`part-${form.dataset.saves}`).dataset.saved = 'yes';
  }
});

addEventListener('htmx:afterRequest', ({ detail }) => {
  const form = detail.elt;
  const field = form.matches('form') && form.querySelector('[data-clears]');
  if (field && detail.successful && field.value === sent.get(form)) {
    field.value = '';
    field.defaultValue = '';
  }
  if (!detail.successful && form.matches('form') && !detail.xhr?.getResponseHeader('content-type')?.includes('html')) {
    const place = form.querySelector('.error') ?? find('#error-standing');
    const isOver = detail.xhr?.status === 401 || detail.xhr?.status === 403;
    place.textContent = isOver
      ? 'Your session has ended, so nothing was sent. Sign in again in another tab, then copy your text over.'
      : 'The server could not be reached, so nothing was sent. What you typed is still here; try again.';
  }
});

/* A session that ended must not take away what is typed. */
addEventListener('htmx:beforeOnLoad', event => {
  if (event.detail.xhr.getResponseHeader('hx-redirect') && all('textarea[data-draft]').some(isDraft)) {
    event.preventDefault();
  }
});

/* Messages */

const log = find('#messages');
const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;

addEventListener('htmx:sseBeforeMessage', event => {
  const { target, detail } = event;
  if (target.id === 'messages') {
    if (document.getElementById(`m-${detail.lastEventId}`)) {
      event.preventDefault(); // it is there: the stream was opened anew
    }
    log.dataset.end = isAtEnd() ? 'yes' : '';
  }
});
addEventListener('htmx:sseMessage', ({ target }) => {
  if (target.id === 'messages' && log.dataset.end) {
    log.scrollTop = log.scrollHeight;
  }
});
if (log) {
  log.scrollTop = log.scrollHeight;
}

/* Copying and inserting */

async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
  } catch { // without https
    const details = field.closest('details');
    if (details) {
      details.open = true;
    }
    field.select();
    document.execCommand('copy');
  }
}

addEventListener('click', async event => {
  const button = event.target.closest?.('[data-copy]');
  if (button) {
    await copy(document.getElementById(button.dataset.copy));
    announce('Copied');
    button.dataset.copied = 'yes';
    setTimeout(() => delete button.dataset.copied, 1500);
  }
  const link = event.target.closest?.('[data-insert]');
  const field = find('#message');
  if (link && field && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const { text } = document.getElementById(link.dataset.insert).dataset;
    event.preventDefault();
    if (field.matches(':disabled')) {
      announce('Take the conversation over first');
      find('#error-talk').textContent = 'Take the conversation over first; then it can be put into the message.';
      find('#act-take-over')?.focus();
      return;
    }
    find('#error-talk').textContent = '';
    field.focus();
    const before = field.value && !field.value.endsWith('\n') && field.selectionStart === field.value.length ? '\n\n' : '';
    field.setRangeText(before + text, field.selectionStart, field.selectionEnd, 'end');
  }
  if (event.target.closest?.('#show-keys')) {
    find('#keys').showModal();
  }
});

/* The keyboard */

const OFF = 'helpdesk.keys-off';
const switcher = find('#keys-on');
try {
  switcher.checked = !localStorage.getItem(OFF);
  switcher.addEventListener('change', () => localStorage.setItem(OFF, switcher.checked ? '' : 'yes'));
} catch { // a browser that stores nothing
}

function step(by) {
  const rows = all('a[data-row]');
  const place = rows.indexOf(document.activeElement);
  rows[place < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, place + by))]?.focus();
}

function press(id) {
  find(id)?.click();
}

const KEYS = {
  '?': () => find('#keys').showModal(),
  '/': () => (find('#search') ? find('#search').focus() : location.assign('/helpdesk')),
  j: () => step(1),
  k: () => step(-1),
  c: () => press('[data-key=c]'),
  s: () => press('[data-key=s]'),
  r: () => (find('#message')?.matches(':disabled') ? find('#act-take-over')?.focus() : find('#message')?.focus()),
  n: () => find('#note')?.focus(),
};
const AFTER_G = { q: '/helpdesk', a: '/helpdesk/assist' };
let isGoing = false;

addEventListener('keydown', event => {
  const { target, key } = event;
  if (target.matches?.('[data-enter-sends]') && key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    target.form.requestSubmit();
    return;
  }
  const isTyping = target.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable]');
  const isOurs = switcher?.checked || key === '?';
  if (isTyping || !isOurs || find('dialog[open]') || event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
    isGoing = false;
    return;
  }
  const act = isGoing ? AFTER_G[key] && (() => location.assign(AFTER_G[key])) : KEYS[key];
  isGoing = key === 'g' && !isGoing;
  if (act) {
    event.preventDefault();
    act();
  }
});

refresh();
setInterval(showTimes, 20_000);
