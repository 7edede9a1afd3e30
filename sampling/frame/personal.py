"""Headers that say their column identifies a child: names, dates of birth, addresses, numbers of the health service."""

from __future__ import annotations

import re
import unicodedata

_WORDS = re.compile(
    r"addr|address|addresses|born|chi|dob|emails?|firstname|forenames?|fullname|initials|lastname|mobile|nhs|nickname"
    r"|nino|passport|phones?|postcodes?|surnames?|tel|telephones?|zip|zipcode"
)
_JOINED = re.compile(
    r"dateofbirth|birthdate|birthday|postcode|postalcode|emailaddress|nationalinsurance|nhsnumber|chinumber|fullname"
    r"|firstname|lastname|middlename|familyname|givenname|knownas|housenumber|surname|forename|telephone"
    r"|^(?:bornon|nhsno|chino|dofb)$"
    r"|^(?:(?:birth|foster|step)?(?:mum|mom|mam|mummy|dad|daddy|mother|father)|gran|granny|grandad|grandmother|grandfather"
    r"|aunt|uncle|nextofkin|socialworker|keyworker)s?$"
    r"|^(?:child|pupil|client|person|youngperson|carer|parent|mother|father|sibling|patient|worker|socialworker)s?names?$"
)
_PEOPLE = re.compile(
    r"baby|brother|carer|child|children|client|father|guardian|mother|parent|patient|people|person|pupil|sibling|sister"
    r"|social|worker|young"
)
# A name that belongs to a place or a service is not a child's.
_NAMED_THINGS = re.compile(
    r"agency|area|authority|board|body|centre|cluster|column|council|datazone|district|file|group|health|instrument|list"
    r"|locality|neighbourhood|nursery|office|partnership|placement|programme|project|provider|region|school|sector"
    r"|services?|site|stratum|team|theme|type|unit|village|ward|zone"
)


def is_personal(header: str) -> bool:
    """Whether a column under this header would identify a child.

    >>> [is_personal(header) for header in ("Child name", "dob", "Team name", "locality")]
    [True, True, False, False]
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", header))
    shown = "".join(c for c in spaced if unicodedata.category(c) != "Cf").casefold()
    words, joined = re.findall(r"[^\W_]+", shown), re.sub(r"[\W_]", "", shown)
    if any(_WORDS.fullmatch(word) for word in [*words, joined]) or _JOINED.search(joined):
        return True
    names = "name" in words or "names" in words
    of_people = any(_PEOPLE.fullmatch(word) for word in words)
    return names and (of_people or not any(_NAMED_THINGS.fullmatch(word) for word in words))
