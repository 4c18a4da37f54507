// An OpenID provider (panva's oidc-provider) with its own login and consent pages. Prints its address; each line read is the roles
// that people have from then on, as JSON by name.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const { client, secret, redirect } = JSON.parse(process.argv[2]);
let roles = {};

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client,
      client_secret: secret,
      redirect_uris: [redirect],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], profile: ["name", "roles"], email: ["email"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `${id} of the provider`, email: `${id}@partner.example`, roles: roles[id] }),
  }),
});
server.on("request", provider.callback());
console.log(JSON.stringify({ issuer }));
for await (const line of createInterface({ input: process.stdin })) {
  roles = JSON.parse(line);
  console.log("{}");
}
process.exit(0);
