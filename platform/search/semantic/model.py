"""The embedding model: text in, a vector of length one out. Loaded once a process; nothing is loaded where it is not used."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

MODEL_FILE, TOKENIZER_FILE = "bge-small-zh-v1.5-q.onnx", "bge-small-zh-v1.5-q-tokenizer.json"
DIMENSIONS = 512
LONGEST = 384  # tokens of a text that are read
TOKENS_PER_BATCH, TEXTS_PER_BATCH = 1024, 16  # larger batches are slower


class ModelMissingError(Exception):
    """The packages of the extra `semantic` or the model's files are not there."""


class Model:
    """A loaded model; any number of threads may use it."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        try:
            import onnxruntime  # noqa: PLC0415 - an optional extra
            import tokenizers  # noqa: PLC0415 - as above
        except ImportError as error:
            raise ModelMissingError("The packages are missing. Install the extra: pip install 'city-platform[semantic]'.") from error
        if not all((folder / name).is_file() for name in (MODEL_FILE, TOKENIZER_FILE)):
            raise ModelMissingError(f"The model is not in {folder}. Fetch it: manage.py search semantic fetch.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(str(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"])
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.no_padding()
        self._inputs = {each.name for each in self._session.get_inputs()}

    def embed(self, text: str) -> list[float]:
        """Return the vector of one text."""
        return self.embed_all([text])[0]

    def embed_all(self, texts: Sequence[str], *, report: Callable[[int], None] = lambda _: None) -> list[list[float]]:
        """Return the vectors of texts in their order; `report` hears how many more are done."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        found: dict[int, list[float]] = {}
        for batch in batches([len(ids) for ids in tokens]):
            found.update(zip(batch, self._vectors([tokens[place] for place in batch]), strict=True))
            report(len(batch))
        return [found[place] for place in range(len(texts))]

    def _vectors(self, tokens: Sequence[Sequence[int]]) -> list[list[float]]:
        import numpy as np  # noqa: PLC0415 - comes with the extra

        width = max(len(ids) for ids in tokens)
        ids = np.zeros((len(tokens), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, own in enumerate(tokens):
            ids[row, : len(own)], mask[row, : len(own)] = own, 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, {name: value for name, value in given.items() if name in self._inputs})[0]
        first = states[:, 0].astype(np.float64)  # the vector of [CLS] stands for the text
        vectors: list[list[float]] = (first / np.linalg.norm(first, axis=1, keepdims=True)).round(5).tolist()
        return vectors


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield places of texts of like length together, so that little is padded: TOKENS_PER_BATCH or TEXTS_PER_BATCH at most."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda each: lengths[each]):
        if batch and (len(batch) == TEXTS_PER_BATCH or lengths[place] * (len(batch) + 1) > TOKENS_PER_BATCH):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


_loading = threading.Lock()


def load(folder: Path, *, threads: int = 1) -> Model:
    """Return the model of a folder, loaded at the first call.

    Raises:
        ModelMissingError: says what is missing and how to get it.

    """
    with _loading:
        return _loaded(folder, threads)


@cache
def _loaded(folder: Path, threads: int) -> Model:
    return Model(folder, threads=threads)
