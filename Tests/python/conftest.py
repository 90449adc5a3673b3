"""What the tests share."""

import numpy as np
import pytest

import talweg as tw


@pytest.fixture(autouse=True)
def fresh_seed():
    """Each test starts from the process's default seed, with recording on."""
    tw.seed(0)
    yield
    assert tw.is_grad_enabled()


@pytest.fixture
def rng():
    return np.random.default_rng(12345)
