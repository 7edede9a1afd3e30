#!/usr/bin/env python3
"""Draw a sample again from its certificate and the list, with nothing but Python 3.9 or newer.

    python3 verify.py certificate.json list.csv

Prints "verified" and ends with 0 when certificate, list and sample agree; otherwise says what differs and ends with 1.
The list is the one that was fixed: a CSV file in UTF-8 whose first row names the columns as the certificate does.
"""

import csv
import hashlib
import json
import sys
import unicodedata

FIXED = "Bring the list as it was fixed (CSV), not the file that was sent: whoever runs the inspection has it for you."


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
        names = [header(name) for name in next(rows, [])]
        for name in [certificate["id"]] + ([within] if within else []) + strata:
            if header(name) not in names:
                raise ValueError("there is no column " + name)
        place = [names.index(header(name)) for name in ([within] if within else []) + strata]
        reference = names.index(header(certificate["id"]))
        for row in (each for each in rows if any(cell.strip() for cell in each)):
            row += [""] * (len(names) - len(row))
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
        tickets = sorted((sha256(seed + "|" + ref), ref) for ref in cases[stratum])
        tickets.sort(key=lambda pair: pair[0] <= plan["start"].get(stratum, ""))
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
        yield "the list is not the one that was drawn from: its digest is another. " + FIXED
    counts = {each["stratum"]: each["population"] for each in certificate["strata_counts"]}
    if not set(counts) & set(cases):
        yield "none of the groups in the list is one of the certificate, so no case can be compared"
        return
    for stratum in sorted(set(counts) | set(cases)):
        here = len(cases.get(stratum, []))
        if counts.get(stratum, 0) != here:
            yield f"stratum {stratum}: {counts.get(stratum, 0)} cases in the certificate, {here} in the list"
    stated, drawn = certificate["cases"], list(draw_again(certificate, cases))
    for some, others, where in ((stated, drawn, "in the certificate"), (drawn, stated, "when drawn again")):
        for each in [case for case in some if case not in others] if stated != drawn else []:
            yield f"case {each['case_ref']}: {each['role']} {each['order']} of {each['stratum']} only {where}"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as paper:
        CERTIFICATE = json.load(paper)
    if CERTIFICATE["plan"]["selection"] != "tickets":
        sys.exit("This program verifies draws by tickets only.")
    try:
        FOUND = list(differences(CERTIFICATE, read_list(sys.argv[2], CERTIFICATE)))
    except (ValueError, csv.Error) as fault:
        sys.exit("the list cannot be read: %s. %s" % (fault, FIXED))
    print("\n".join(FOUND[:20]) or "verified")
    sys.exit(1 if FOUND else 0)
