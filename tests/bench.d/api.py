"""The API over a base that is filled with copies of one organisation."""

import json
import urllib.parse

from bases import NUMBER
from machine import FILES, SERVE, Server, die, run, say

MODEL = json.dumps(json.loads((FILES / "organisation.json").read_text()), ensure_ascii=False)


class Api(Server):
    """Serves a base as an administrator's client sees it."""

    def __init__(self, program, base):
        run(program, "migrate", "--database-url", base.url)
        client = json.loads(run(program, "client", "create", "--name", "bench", "--role", "administrator",
                                "--json", "--database-url", base.url))
        super().__init__([program, *SERVE, "--listen", "127.0.0.1:0"], environment={"DATABASE_URL": base.url})
        self.base = base
        form = urllib.parse.urlencode({"grant_type": "client_credentials", **client})
        _, _, told = self.ask("POST", "/v1/auth/token", body=form,
                              headers={"Content-Type": "application/x-www-form-urlencoded"})
        self.token = json.loads(told)["access_token"]

    def get(self, path, headers=()):
        """The whole answer, its headers and its body."""
        return self.ask("GET", path, self.token, headers=headers)

    def post(self, number):
        """Records the organisation of this number, as the bench's own requests do."""
        body = MODEL.replace(str(NUMBER), str(number)).encode()
        return self.ask("POST", "/v1/organisations", self.token, body,
                        {"Content-Type": "application/json", "Idempotency-Key": f"bench-{number}"})

    def fill(self, count):
        """Records one organisation, and so many copies of it in the base."""
        say(f"{self.base.name}: filling with {count} organisations")
        posted = json.loads(self.post(NUMBER)[2])["id"]
        self.base.fill(posted, range(NUMBER + 1, NUMBER + 1 + count))

    def cursors(self, limit, pages, sort="id"):
        """The cursors of the first pages of the list of organisations, and the first ids."""
        found, first, after = [], None, None
        for _ in range(pages):
            path = f"/v1/organisations?limit={limit}&sort={sort}" + (f"&after={after}" if after else "")
            page = json.loads(self.get(path)[2])
            first = first or [item["id"] for item in page["items"]]
            after = page["next"] or die(f"the list ends before page {pages}")
            found.append(after)
        return found, first
