#!/usr/bin/env python3
"""Make the four compact geography files of this folder from the source folder.

    python3 make.py SOURCE [TARGET]

SOURCE holds the extracts of the npm package @etalab/decoupage-administratif
(communes_occitanie_corse_06_2026.csv, epci_occitanie_corse_06_2026.json,
departements_2026.json, regions_2026.json). TARGET is this folder by default.

What contradicts itself (an unknown EPCI, a commune that two files place in two
EPCI, a wrong SIREN key, a code given twice) stops the program before it writes.
What merely differs (a spelling, a member outside the scope) is told on stderr.
Needs the standard library only.
"""

import csv
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

VINTAGE = "2026"
REGIONS = ("76", "93", "94")
WHOLE_REGIONS = ("76", "94")
OTHER_DEPARTEMENTS = ("06",)


def read_json(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def read_csv(folder, name):
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def in_scope(departement):
    return departement["region"] in WHOLE_REGIONS or departement["code"] in OTHER_DEPARTEMENTS


def luhn(digits):
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_siren(text):
    return len(text) == 9 and text.isascii() and text.isdigit() and luhn(text)


def contradictions(communes, epcis, departements):
    """What must not be shipped, one sentence each."""
    for what, codes in (
        ("commune", [c["code_insee"] for c in communes]),
        ("EPCI", [e["code"] for e in epcis]),
        ("département", [d["code"] for d in departements]),
    ):
        for code, times in sorted(Counter(codes).items()):
            if times > 1:
                yield f"{what} {code} is given {times} times"

    known_epcis = {e["code"] for e in epcis}
    known_departements = {d["code"]: d["region"] for d in departements}
    of_commune = {c["code_insee"]: c for c in communes}

    for commune in communes:
        code = commune["code_insee"]
        if not is_siren(commune["siren"]):
            yield f"commune {code}: SIREN {commune['siren']!r} is wrong"
        if commune["epci_siren"] and commune["epci_siren"] not in known_epcis:
            yield f"commune {code}: EPCI {commune['epci_siren']} is not in the EPCI file"
        if known_departements.get(commune["departement"]) != commune["region"]:
            yield f"commune {code}: département {commune['departement']} of région {commune['region']} is not in scope"
        if not commune["codes_postaux"]:
            yield f"commune {code}: no postcode"
        if not commune["population"].isdigit():
            yield f"commune {code}: population {commune['population']!r} is not a number"

    placed = defaultdict(set)
    for epci in epcis:
        if not is_siren(epci["code"]):
            yield f"EPCI {epci['code']}: not a SIREN"
        for member in epci["membres"]:
            placed[member["code"]].add(epci["code"])
            commune = of_commune.get(member["code"])
            if commune and commune["siren"] != member["siren"]:
                yield f"commune {member['code']}: SIREN {commune['siren']} in one file, {member['siren']} in the other"
    for commune in communes:
        expected = {commune["epci_siren"]} - {""}
        found = placed.get(commune["code_insee"], set())
        if found != expected:
            yield f"commune {commune['code_insee']}: EPCI {sorted(expected)} in one file, {sorted(found)} in the other"


def differences(communes, epcis):
    """What differs without harm, one sentence each."""
    of_commune = {c["code_insee"]: c for c in communes}
    for epci in sorted(epcis, key=lambda e: e["code"]):
        outside = []
        for member in sorted(epci["membres"], key=lambda m: m["code"]):
            commune = of_commune.get(member["code"])
            if commune is None:
                outside.append(f"{member['code']} {member['nom']}")
            elif commune["nom"] != member["nom"]:
                yield f"commune {member['code']}: kept {commune['nom']!r} (COG), the EPCI file says {member['nom']!r}"
        if outside:
            yield (
                f"EPCI {epci['code']} {epci['nom']}: {len(outside)} of {len(epci['membres'])} members"
                f" outside the scope: {', '.join(outside)}"
            )


def write(folder, name, header, rows):
    with (folder / name).open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines, lineterminator="\n")
        table.writerow(header)
        table.writerows(sorted(rows))
    return f"{name}: {len(rows)} rows"


def main(source, target):
    regions = [r for r in read_json(source, "regions_2026.json") if r["code"] in REGIONS]
    departements = [d for d in read_json(source, "departements_2026.json") if in_scope(d)]
    epcis = read_json(source, "epci_occitanie_corse_06_2026.json")
    communes = read_csv(source, "communes_occitanie_corse_06_2026.csv")

    faults = list(contradictions(communes, epcis, departements))
    if faults:
        sys.exit("\n".join(faults))
    for difference in differences(communes, epcis):
        print(difference, file=sys.stderr)

    print(write(target, "regions.csv", ("code", "name", "capital"),
                [(r["code"], r["nom"], r["chefLieu"]) for r in regions]))
    print(write(target, "departements.csv", ("code", "name", "region", "capital"),
                [(d["code"], d["nom"], d["region"], d["chefLieu"]) for d in departements]))
    print(write(target, "epci.csv", ("siren", "name", "type", "vintage"),
                [(e["code"], e["nom"], e["type"], VINTAGE) for e in epcis]))
    print(write(target, "communes.csv", ("code", "name", "departement", "epci", "siren", "postcodes", "population"),
                [(c["code_insee"], c["nom"], c["departement"], c["epci_siren"], c["siren"],
                  c["codes_postaux"], c["population"]) for c in communes]))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).resolve().parent)
