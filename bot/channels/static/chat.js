// The chat page. Text from the assistant is simple Markdown (bold, links, lists) and is built as elements, never as HTML.
"use strict";

const log = document.getElementById("log");
const form = document.getElementById("form");
const field = document.getElementById("text");
const status = document.getElementById("status");
let token = null;
let queue = Promise.resolve();

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (response.status === 401) token = null; // the session has ended: the next try makes a new one
  if (!response.ok) throw new Error(answer.message || "The server refused the message.");
  return answer;
}

function inline(parent, text) {
  const pattern = /\*\*(.+?)\*\*|\[([^\]]+)\]\((https:\/\/[^)\s]+)\)/g;
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    parent.append(text.slice(last, match.index));
    if (match[1] !== undefined) {
      const strong = document.createElement("strong");
      inline(strong, match[1]);
      parent.append(strong);
    } else {
      const link = document.createElement("a");
      link.href = match[3];
      link.target = "_blank";
      link.rel = "noopener noreferrer";
      link.textContent = match[2];
      parent.append(link);
    }
    last = match.index + match[0].length;
  }
  parent.append(text.slice(last));
}

function render(text) {
  const box = document.createElement("div");
  box.className = "bot";
  let list = null;
  for (const line of text.split("\n")) {
    const item = /^(-|\d+\.) (.*)$/.exec(line);
    if (item) {
      const kind = item[1] === "-" ? "UL" : "OL";
      if (!list || list.tagName !== kind) {
        list = document.createElement(kind);
        box.append(list);
      }
      const entry = document.createElement("li");
      inline(entry, item[2]);
      list.append(entry);
    } else {
      list = null;
      if (!line.trim()) continue;
      const paragraph = document.createElement("p");
      inline(paragraph, line);
      box.append(paragraph);
    }
  }
  return box;
}

function show(reply) {
  log.append(render(reply.text));
  if (reply.buttons.length) {
    const options = document.createElement("div");
    options.className = "options";
    for (const option of reply.buttons) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = option.title;
      button.addEventListener("click", () => send({ payload: option.payload }, option.title));
      options.append(button);
    }
    log.append(options);
  }
}

function retire() {
  for (const button of log.querySelectorAll(".options button")) button.disabled = true;
}

function send(message, shown) {
  retire();
  if (shown) {
    const mine = document.createElement("div");
    mine.className = "me";
    mine.textContent = shown;
    log.append(mine);
  }
  queue = queue.then(() => deliver(message));
  return queue;
}

async function deliver(message) {
  status.textContent = "…";
  try {
    if (token === null) token = (await post("/api/session", {})).token;
    const answer = await post("/api/messages", { token, ...message });
    answer.replies.forEach(show);
    status.textContent = "";
  } catch (error) {
    status.textContent = error.message + " ";
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Try again";
    again.addEventListener("click", () => send(message, null));
    status.append(again);
  }
  log.scrollTop = log.scrollHeight;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  send({ text }, text);
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
send({ payload: "/greet" }, null);
