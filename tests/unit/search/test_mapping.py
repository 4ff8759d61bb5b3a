"""The mapping: strict, described field by field, of nothing but what a bare server has."""

from search import mapping

CORE_TYPES = {"keyword", "text", "boolean", "date", "integer", "long", "nested"}


def test_every_field_says_what_it_is_for() -> None:
    body = mapping.index_body()

    described = body["mappings"]["_meta"]["fields"]
    assert set(described) == set(body["mappings"]["properties"])
    assert all(text.endswith(".") and len(text) > 15 for text in described.values())


def test_a_bare_server_can_hold_it() -> None:
    body = mapping.index_body()

    assert body["mappings"]["dynamic"] == "strict"
    assert {field["type"] for field in body["mappings"]["properties"].values()} <= CORE_TYPES
    assert body["settings"]["analysis"] == {
        "filter": {
            "pairs": {
                "type": "shingle",
                "min_shingle_size": 2,
                "max_shingle_size": 2,
                "output_unigrams": False,
                "output_unigrams_if_no_shingles": True,
                "token_separator": "",
            }
        },
        "analyzer": {
            "zh_bi": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "pairs"]},
            "zh_uni": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase"]},
        },
    }
    assert body["mappings"]["_meta"]["hash"] == mapping.mapping_hash()
