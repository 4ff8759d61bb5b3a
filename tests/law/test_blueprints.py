"""A shipped blueprint that changes has a new version: sites tell by it which text they were given."""

import hashlib

from blueprints.catalogue import shipped

# The newest versions and their texts. Text changed? Raise `version` in the file and write the new pair here.
KNOWN = {
    "city-portal": (4, "6728a69dc1fa3e8f"),
    "county": (4, "3ee69a302c1535fb"),
    "department": (3, "b836761dc7921f27"),
}


def test_a_changed_text_has_a_new_version() -> None:
    found = {name: (_version(source.text), hashlib.sha256(source.text.encode()).hexdigest()[:16]) for name, source in shipped().items()}

    assert found == KNOWN


def _version(text: str) -> int:
    (line,) = (line for line in text.splitlines() if line.startswith("version = "))
    return int(line.removeprefix("version = "))
