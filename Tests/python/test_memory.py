"""The memory that the engine keeps."""

import pytest

import talweg as tw


@pytest.fixture
def limit():
    before = tw.memory_stats()["cache_limit"]
    yield before
    tw.set_cache_limit(before)


def test_statistics():
    before = tw.memory_stats()
    assert set(before) == {
        "bytes_in_use", "bytes_cached", "peak_bytes_in_use", "cache_limit", "allocations", "system_allocations",
    }  # fmt: skip
    x = tw.zeros(1 << 20, dtype=tw.float64)
    stats = tw.memory_stats()
    assert stats["bytes_in_use"] - before["bytes_in_use"] == 8 << 20
    assert stats["peak_bytes_in_use"] >= stats["bytes_in_use"]
    assert stats["allocations"] > before["allocations"]
    del x
    assert tw.memory_stats()["bytes_in_use"] == before["bytes_in_use"]


def test_cache_limit(limit):
    tw.set_cache_limit(0)
    # Another thread that lives keeps its small blocks, 1 MiB of them at most, until its next call.
    elsewhere = tw.memory_stats()["bytes_cached"]
    tw.zeros(1 << 20)
    assert tw.memory_stats()["bytes_cached"] == elsewhere <= tw.num_threads() << 20
    assert tw.memory_stats()["cache_limit"] == 0
    tw.set_cache_limit(64 << 20)
    tw.zeros(1 << 20)
    assert 4 << 20 <= tw.memory_stats()["bytes_cached"] <= 65 << 20


def test_bad_limits(limit):
    with pytest.raises(ValueError, match="set_cache_limit: -1 bytes"):
        tw.set_cache_limit(-1)
    with pytest.raises(TypeError):
        tw.set_cache_limit("much")
    assert tw.memory_stats()["cache_limit"] == limit
