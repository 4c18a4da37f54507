// Where a browser would go: reads a Location a line (JSON), prints the address it leads to from a page of the console (JSON).
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const found = new URL(JSON.parse(line), "https://console.example/helpdesk/sign-in");
  console.log(JSON.stringify({ origin: found.origin, path: found.pathname }));
}
