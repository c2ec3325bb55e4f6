"""What schemathesis is told of maillage, and what it must have reached.

The check of its own that valid requests succeed knows statuses only: ours knows the codes of
problems too, so that 400 and 401 are excused for what nobody can make up and for nothing else. The
reasons of each exception are in docs/decisions/0017-contract-by-strangers-tools.md.
"""

import atexit
import collections
import functools
import json
import os
import time
import urllib.request

import schemathesis
from hypothesis import strategies
from schemathesis.specs.openapi.checks import positive_data_acceptance, use_after_free

# Numbers have check digits, which no pattern tells.
schemathesis.openapi.format(
    "business-number",
    strategies.sampled_from(["siren:732829320", "siret:73282932000074", "rna:W302001234", "finess_ej:300000023"]),
)

# What the present state decides.
DOCUMENTED = {404, 409, 410, 412, 422, 428, 429}
# Cursors, grants of tokens, and secrets that nobody can make up.
OPAQUE = {"request.bad_cursor", "access.bad_grant", "access.bad_client", "access.bad_code"}

reached = collections.defaultdict(collections.Counter)


@schemathesis.check
def valid_data_is_accepted(ctx, response, case):
    status = response.status_code
    if status in DOCUMENTED or (status == 403 and os.environ["MAILLAGE_ROLE"] != "administrator"):
        return None
    # The coverage phase calls a request valid for the part it is about, beside others that are not.
    if any(part.mode.is_negative for part in case.meta.components.values()):
        return None
    if status in (400, 401) and response.content and response.json().get("code") in OPAQUE:
        return None
    return positive_data_acceptance(ctx, response, case)


@schemathesis.check
def deleted_is_gone(ctx, response, case):
    # The past of what was deleted is still told.
    if case.path.endswith("/history"):
        return None
    return use_after_free(ctx, response, case)


@schemathesis.hook
def after_call(context, case, response):
    reached[case.operation.label][response.status_code] += 1
    # While a file is imported in one piece, SQLite takes no other write (503, `imports.running`):
    # a client that imports waits for the end of it.
    if case.operation.label == "POST /v1/imports" and response.status_code == 202:
        wait_for(response.headers["location"][0])


@schemathesis.hook
def before_call(context, case, kwargs):
    # Whoever withdraws their own access, or ends the grant of it, asks nothing afterwards.
    if case.method != "GET" and case.path_parameters.get("id") in own():
        case.path_parameters["id"] = "0198f1c2-7a00-7000-8000-0000000000ff"
    # What was only tried is not gone, as `use_after_free` takes it to be.
    if case.method == "DELETE" and case.meta.phase.name == "stateful":
        case.query.pop("dry_run", None)


@functools.cache
def own():
    grants = ask(f"/v1/grants?caller={os.environ['ADMINISTRATOR_ID']}")["items"]
    return {os.environ["ADMINISTRATOR_ID"], *(grant["id"] for grant in grants)}


def wait_for(path):
    for _ in range(1_500):
        if ask(path)["state"] not in ("waiting", "running"):
            return
        time.sleep(0.02)


def ask(path):
    request = urllib.request.Request(os.environ["MAILLAGE_URL"] + path)
    request.add_header("Authorization", "Bearer " + os.environ["ADMINISTRATOR_TOKEN"])
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@atexit.register
def tell():
    with open(os.environ["MAILLAGE_REACHED"], "w") as file:
        json.dump(reached, file)
