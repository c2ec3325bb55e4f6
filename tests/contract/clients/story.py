"""The README's story, told by the client that openapi-python-client wrote from the document."""

import base64
import datetime
import os

from maillage_client import AuthenticatedClient
from maillage_client.api.access import create_token, read_me
from maillage_client.api.changes import read_changes
from maillage_client.api.organisations import (
    change_organisation,
    create_organisation,
    end_organisation,
    list_organisations,
    read_organisation,
)
from maillage_client.models import (
    Address,
    AddressUse,
    ChangeKind,
    ChangePage,
    Contact,
    EndOfOrganisation,
    Me,
    Name,
    Organisation,
    OrganisationFields,
    OrganisationFieldsPatch,
    OrganisationKind,
    OrganisationPage,
    OrganisationState,
    Role,
    Sector,
    TokenAnswer,
    TokenRequest,
)

url = os.environ["MAILLAGE_URL"]

pair = f"{os.environ['ADMINISTRATOR_ID']}:{os.environ['ADMINISTRATOR_SECRET']}".encode()
basic = AuthenticatedClient(base_url=url, token=base64.b64encode(pair).decode(), prefix="Basic")
token = create_token.sync(client=basic, body=TokenRequest(grant_type="client_credentials"))
assert isinstance(token, TokenAnswer), token
api = AuthenticatedClient(base_url=url, token=token.access_token)

me = read_me.sync(client=api)
assert isinstance(me, Me) and any(held.role == Role.ADMINISTRATOR for held in me.roles), me

found = list_organisations.sync(client=api, q="addictologie")
assert isinstance(found, OrganisationPage) and found.items, found

now = read_changes.sync(client=api, after="now")
assert isinstance(now, ChangePage), now

fields = OrganisationFields(
    kind=OrganisationKind.ASSOCIATION,
    sectors=[Sector.HEALTH, Sector.SOCIAL],
    names=[Name(name="Maison des liens du Galeizon", short_name="MLG")],
    addresses=[Address(use=AddressUse.SEAT, postcode="30100", locality="Alès", commune="30007")],
    constituted_on="2019-06",
    fictitious=True,
)
made = create_organisation.sync_detailed(client=api, body=fields, idempotency_key="python-1")
again = create_organisation.sync_detailed(client=api, body=fields, idempotency_key="python-1")
assert again.headers["Idempotent-Replayed"] == "true"
assert isinstance(made.parsed, Organisation) and isinstance(again.parsed, Organisation), made
assert made.parsed.id == again.parsed.id
organisation = made.parsed.id

patch = OrganisationFieldsPatch(contact=Contact(website="https://liens-galeizon.example"))
changed = change_organisation.sync_detailed(organisation, client=api, body=patch, if_match=made.headers["ETag"])
assert isinstance(changed.parsed, Organisation), changed
stale = change_organisation.sync_detailed(organisation, client=api, body=patch, if_match=made.headers["ETag"])
assert stale.status_code == 412, stale

end = EndOfOrganisation(ends_before=datetime.date(2026, 7, 1), reason="Activité reprise par une autre association.")
ended = end_organisation.sync(organisation, client=api, body=end, if_match=changed.headers["ETag"])
assert isinstance(ended, Organisation) and ended.state == OrganisationState.ENDED, ended

changes = read_changes.sync(client=api, after=now.next_)
assert isinstance(changes, ChangePage), changes
ops = [change.op for change in changes.items if change.id == organisation]
assert ops == [ChangeKind.CREATED, ChangeKind.UPDATED, ChangeKind.ENDED], ops

before = read_organisation.sync(organisation, client=api, as_of=datetime.date(2026, 6, 30))
assert isinstance(before, Organisation) and before.state == OrganisationState.OPEN, before
print("openapi-python-client told the README's story")
