#!/usr/bin/env python3
"""Draw a sample again from its certificate and the list, with nothing but Python 3.9 or newer.

    python3 verify.py certificate.json list.csv

Prints "verified" and ends with 0 when certificate, list and sample agree; otherwise says what differs and ends with 1.
The list is a CSV file in UTF-8 whose first row names the columns; the selection must be by tickets.
"""

import csv
import hashlib
import json
import sys
import unicodedata


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def tidy(text):
    return " ".join(unicodedata.normalize("NFC", text).split())


def header(text):
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c != "_" and not c.isspace())


def read_list(path, certificate):
    """The list as {stratum: [case_ref, …]}, with spellings of the first strata column as the plan's rules have them."""
    within, strata = certificate["within"], certificate["strata"]
    rules = (certificate["plan"]["rules"] or {}).get("strata") or []
    spelling = {"".join(tidy(word).casefold().split()): tidy(word) for word in rules}
    cases = {}
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        names = [header(name) for name in next(rows)]
        place = [names.index(header(name)) for name in ([within] if within else []) + strata]
        reference = names.index(header(certificate["id"]))
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            values = [tidy(row[i]) for i in place]
            first = 1 if within else 0
            values[first] = spelling.get("".join(values[first].casefold().split()), values[first])
            ref = unicodedata.normalize("NFC", row[reference].strip())
            cases.setdefault(" / ".join(values), []).append(ref)
    return cases


def draw_again(certificate, cases):
    """The sample as the certificate lists it: by stratum, then ticket; after the starting ticket, if there is one."""
    plan, seed = certificate["plan"], certificate["seed"]
    for stratum in sorted(cases, key=lambda label: label.encode("utf-8")):
        start = plan["start"].get(stratum, "")
        tickets = sorted((sha256(seed + "|" + ref), ref) for ref in cases[stratum])
        tickets.sort(key=lambda pair: pair[0] <= start)
        n = plan["sizes"].get(stratum, 0)
        for order, (ticket, ref) in enumerate(tickets[: n + plan["reserves"].get(stratum, 0)], start=1):
            role = "main" if order <= n else "reserve"
            yield {"case_ref": ref, "stratum": stratum, "role": role, "order": order, "ticket": ticket}


def differences(certificate, cases):
    content = {key: value for key, value in certificate.items() if key not in ("digest", "created_at")}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if sha256(canonical) != certificate["digest"]:
        yield "the certificate was changed after it was made: its digest is another"
    lines = sorted(f"{stratum}\t{ref}\n".encode("utf-8") for stratum, refs in cases.items() for ref in refs)
    if hashlib.sha256(b"".join(lines)).hexdigest() != certificate["frame_digest"]:
        yield "the list is not the one that was drawn from: its digest is another"
    counts = {each["stratum"]: each["population"] for each in certificate["strata_counts"]}
    for stratum in sorted(set(counts) | set(cases)):
        here = len(cases.get(stratum, []))
        if counts.get(stratum, 0) != here:
            yield f"stratum {stratum}: {counts.get(stratum, 0)} cases in the certificate, {here} in the list"
    stated, drawn = certificate["cases"], list(draw_again(certificate, cases))
    for each in [case for case in stated if case not in drawn] if stated != drawn else []:
        yield f"case {each['case_ref']}: {each['role']} {each['order']} of {each['stratum']} only in the certificate"
    for each in [case for case in drawn if case not in stated] if stated != drawn else []:
        yield f"case {each['case_ref']}: {each['role']} {each['order']} of {each['stratum']} only when drawn again"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as paper:
        CERTIFICATE = json.load(paper)
    if CERTIFICATE["plan"]["selection"] != "tickets":
        sys.exit("This program verifies draws by tickets only.")
    FOUND = list(differences(CERTIFICATE, read_list(sys.argv[2], CERTIFICATE)))
    print("\n".join(FOUND[:20]) or "verified")
    sys.exit(1 if FOUND else 0)
