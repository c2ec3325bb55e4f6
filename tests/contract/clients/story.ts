// The README's story, told by a client whose types openapi-typescript wrote from the document.

import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { env: Record<string, string | undefined> };

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

function assert(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

function there<T>(value: T | null | undefined, what: string): T {
  assert(value !== null && value !== undefined, what);
  return value;
}

const api = createClient<paths>({ baseUrl: setting("MAILLAGE_URL") });

const token = await api.POST("/v1/auth/token", {
  body: { grant_type: "client_credentials", client_id: setting("ADMINISTRATOR_ID"), client_secret: setting("ADMINISTRATOR_SECRET") },
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});
const bearer = there(token.data, "a token").access_token;
api.use({ onRequest: ({ request }) => request.headers.set("Authorization", `Bearer ${bearer}`) });

const me = there((await api.GET("/v1/me")).data, "who I am");
assert(me.roles.some(({ role }) => role === "administrator"), "an administrator");

const found = there((await api.GET("/v1/organisations", { params: { query: { q: "addictologie", sort: "name" } } })).data, "a page");
assert(typeof found !== "string" && found.items.length > 0, "somebody around Alès");

const beginning = there((await api.GET("/v1/changes", { params: { query: { after: "now" } } })).data, "a cursor").next;

const record = () =>
  api.POST("/v1/organisations", {
    params: { header: { "Idempotency-Key": "typescript-1" } },
    body: {
      kind: "association",
      sectors: ["health", "social"],
      names: [{ name: "Maison des liens du Galeizon", short_name: "MLG" }],
      addresses: [{ use: "seat", postcode: "30100", locality: "Alès", commune: "30007" }],
      constituted_on: "2019-06",
      fictitious: true,
    },
  });
const made = await record();
const organisation = there(made.data, "an organisation");
const again = await record();
assert(again.response.headers.get("Idempotent-Replayed") === "true", "the same answer again");
assert(again.data?.id === organisation.id, "recorded once");

const path = { id: organisation.id };
const first = there(made.response.headers.get("ETag"), "a tag");
const change = () =>
  api.PATCH("/v1/organisations/{id}", {
    params: { path, header: { "If-Match": first } },
    body: { contact: { website: "https://liens-galeizon.example" } },
  });
const changed = await change();
assert(changed.data?.contact?.website === "https://liens-galeizon.example", "a website");
const stale = await change();
assert(stale.response.status === 412 && stale.error?.code === "request.precondition_failed", "a stale tag is refused");

const ended = await api.POST("/v1/organisations/{id}/end", {
  params: { path, header: { "If-Match": there(changed.response.headers.get("ETag"), "a tag") } },
  body: { ends_before: "2026-07-01", reason: "Activité reprise par une autre association." },
});
assert(ended.data?.state === "ended", "it ended");

const changes = there((await api.GET("/v1/changes", { params: { query: { after: beginning } } })).data, "changes");
const ops = changes.items.filter(({ id }) => id === organisation.id).map(({ op }) => op);
assert(ops.join() === "created,updated,ended", `three changes in order: ${ops}`);

const before = await api.GET("/v1/organisations/{id}", { params: { path, query: { as_of: "2026-06-30" } } });
assert(before.data?.state === "open", "open the day before");
console.log("openapi-fetch told the README's story");
