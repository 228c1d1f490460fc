"""What a model file says of itself may be anything: it is understood, or refused with a sentence, and nothing else."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapal_contract.errors import TapalError
from tapal_detector.export import ExportInfo

MANY = settings(max_examples=int(os.environ.get("TAPAL_FUZZ", "150")), deadline=None)
KEYS = ("names", "imgsz", "stride", "task", "tapal_name", "tapal_version")
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
LITERALS = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4))
TEXTS = LITERALS.map(repr) | st.text(max_size=60) | st.text("[]{}(),:-+'\"\\0x1e\n\0", max_size=60)


@MANY
@given(st.dictionaries(st.sampled_from(KEYS), TEXTS))
def test_any_metadata_is_understood_or_refused(metadata):
    with suppress(TapalError):
        info = ExportInfo.read(Path("model.onnx"), metadata, "0123456789abcdef")
        assert info.names
        assert min(*info.size, info.stride) > 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{[]: 'person'}", id="a-key-that-cannot-be-one"),
        pytest.param("-" * 100_000 + "1", id="deep"),
        pytest.param("(" * 100_000, id="deeper"),
        pytest.param("[" + "9" * 10_000 + "]", id="a-long-number"),
        pytest.param("{0: 'person'\0}", id="nul"),
        pytest.param("True", id="no-number"),
    ],
)
@pytest.mark.parametrize("key", ["names", "imgsz", "stride"])
def test_hostile_metadata_is_refused(key, text):
    metadata = {"names": "{0: 'person'}", "imgsz": "[640, 640]", "stride": "32"} | {key: text}
    with pytest.raises(TapalError, match=r"model\.onnx"):
        ExportInfo.read(Path("model.onnx"), metadata, "0123456789abcdef")
