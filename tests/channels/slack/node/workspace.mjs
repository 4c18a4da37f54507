// A workspace in the Slack emulator: people, a channel, and the app. Prints its address; each line read is a request of the test.
//
// The emulator signs the events it sends and says neither for whom they are nor what kind of channel they come from, as Slack
// does, and it knows no mentions. That is put in here, before the signature. Its dispatcher is not exported, so it is taken from
// the plugin; the version is fixed.
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createEmulator } from "emulate";

const dist = new URL("./node_modules/emulate/dist/", import.meta.url);
const file = readdirSync(dist).find((name) => /^dist-.*\.js$/.test(name) && readFileSync(new URL(name, dist), "utf8").includes("var slackPlugin ="));
const { slackPlugin } = await import(new URL(file, dist));
const { secret, bot, people, channel } = JSON.parse(process.argv[2]);

let webhooks;
const register = slackPlugin.register;
slackPlugin.register = (app, store, dispatcher, ...more) => {
  webhooks = dispatcher;
  register(app, store, dispatcher, ...more);
};
const token = (name) => ({ token: `xoxp-${name}`, user: name });
const emulator = await createEmulator({
  service: "slack",
  port: 0,
  seed: {
    slack: {
      signing_secret: secret,
      users: [{ name: bot }, ...people.map((name) => ({ name }))],
      channels: [{ name: channel }],
      tokens: [{ token: `xoxb-${bot}`, user: bot }, ...people.map(token)],
    },
  },
});
const post = (method, from, body) =>
  fetch(`${emulator.url}/api/${method}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${from}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).then((response) => response.json());
const { members } = await post("users.list", `xoxb-${bot}`, {});
const { channels } = await post("conversations.list", `xoxb-${bot}`, {});
const own = members.find((member) => member.name === bot).id;

const dispatch = webhooks.dispatch.bind(webhooks);
webhooks.dispatch = async (name, action, payload, ...where) => {
  const authorizations = [{ enterprise_id: null, team_id: payload.team_id, user_id: own, is_bot: true }];
  const outer = { ...payload, api_app_id: "A000000001", authorizations };
  if (name !== "message") return dispatch(name, action, outer, ...where);
  const kind = payload.event.channel.startsWith("D") ? "im" : "channel";
  await dispatch(name, action, { ...outer, event: { ...payload.event, channel_type: kind } }, ...where);
  if (kind === "channel" && !payload.event.subtype && payload.event.text.includes(`<@${own}>`)) {
    const event = { ...payload.event, type: "app_mention" };
    await dispatch(name, action, { ...outer, event_id: `${payload.event_id}m`, event }, ...where);
  }
};
const ids = Object.fromEntries(members.map((member) => [member.name, member.id]));
const places = Object.fromEntries(channels.map((one) => [one.name, one.id]));
console.log(JSON.stringify({ url: emulator.url, ids, channel: places[channel] }));

for await (const line of createInterface({ input: process.stdin })) {
  const { subscribe } = JSON.parse(line); // an address to which events go from now on, and nowhere else
  webhooks.clear();
  if (subscribe) webhooks.register({ owner: "slack", repo: undefined, events: ["*"], url: subscribe, active: true });
  console.log("{}");
}
await emulator.close();
