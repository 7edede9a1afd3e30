"""Bad and good lines for the rules about secrets, code and the machine; scanned, never run."""

import hashlib
import json
import marshal
import os
import pickle
import random
import secrets
import subprocess
import uuid
from urllib.request import urlopen

import numpy
import requests
import yaml


def bad(words, body):
    # ruleid: chance-that-can-be-guessed
    random.choice(words)
    # ruleid: chance-that-can-be-guessed
    numpy.random.randint(9)
    # ruleid: objects-from-bytes
    pickle.loads(body)
    # ruleid: objects-from-bytes
    marshal.loads(body)
    # ruleid: objects-from-bytes
    yaml.load(body)
    # ruleid: objects-from-bytes
    numpy.load(body, allow_pickle=True)
    # ruleid: code-from-words
    eval(words)
    # ruleid: code-from-words
    exec(words)
    # ruleid: shell
    subprocess.run(words, shell=True)
    # ruleid: shell
    subprocess.Popen(["ls", words])
    # ruleid: shell
    os.system(words)
    # ruleid: uuid-as-secret
    uuid.uuid4()
    # ruleid: broken-digest
    hashlib.md5(body)
    # ruleid: broken-digest
    hashlib.sha1(body)
    # ruleid: calls-out
    requests.get(words)
    # ruleid: calls-out
    urlopen(words)
    # ruleid: certificates-not-checked
    words.session.get("https://identity.example", verify=False)


def good(body, chance):
    # ok: chance-that-can-be-guessed
    secrets.choice(body)
    # ok: objects-from-bytes
    json.loads(body)
    # ok: code-from-words
    getattr(body, "decode")()
    # ok: shell
    os.getpid()
    # ok: uuid-as-secret
    secrets.token_urlsafe(16)
    # ok: broken-digest
    hashlib.sha256(body)
    # ok: calls-out
    body.get("https://identity.example")
    # ok: certificates-not-checked
    body.session.get("https://identity.example", verify=True)
