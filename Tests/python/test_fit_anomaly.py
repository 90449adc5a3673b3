"""Losses and gradients that are not finite name the operation and the module."""

import numpy as np
import pytest

import talweg as tw
from talweg import nn, optim


class Bad(nn.Module):
    """log(x - limit): NaN for rows below."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def forward(self, x):
        return tw.log(x - self.limit)


def data(rng):
    X = np.abs(rng.normal(size=(12, 3))) + 1
    return X, X.sum(axis=1, keepdims=True)


def failure(model, X, y, **options):
    before = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    with pytest.raises(tw.TalwegError) as error:
        tw.fit(model, X, y, optimizer=optim.SGD(model, lr=0.01), batch_size=4, **options)
    assert error.value.status == "TW_ERROR_DIVERGED"
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name])
    return str(error.value)


def test_the_operation_and_the_module_are_named(rng):
    X, y = data(rng)
    model = nn.Sequential(nn.Linear(3, 4, dtype="float64"), nn.Sequential(Bad(1e9)), nn.Linear(4, 1, dtype="float64"))
    text = failure(model, X, y)
    assert "epoch 1, batch 1: the loss is nan" in text
    assert 'in "1.0", a ' in text and "log made a NaN at [0, 0] of its result [4, 4]" in text
    assert "float64 [4, 4]" in text


def test_an_infinity_is_named_too(rng):
    X, y = data(rng)

    class Huge(nn.Module):
        def forward(self, x):
            return tw.exp(x * 1e9)

    model = nn.Sequential(nn.Linear(3, 1, dtype="float64", init="uniform"), Huge())
    model[0].weight.assign(np.ones((1, 3)))
    text = failure(model, X, y)
    assert "the loss is inf" in text and 'in "1", a ' in text and "exp made an infinity at [0, 0]" in text


def test_the_loss_is_named(rng):
    X, y = data(rng)
    model = nn.Linear(3, 1, dtype="float64")

    def loss(output, target):
        return tw.sqrt(-(output**2) - 1).mean()

    text = failure(model, X, y, loss=loss)
    assert "sqrt made a NaN" in text


def test_the_same_random_numbers_are_drawn(rng):
    """Only one draw of dropout in many divides by 0, and that is met again."""
    X, y = np.ones((4, 6)), np.ones((4, 1))

    class Ratio(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(np.ones(1))
            self.drop = nn.Dropout(0.5, seed=1)

        def forward(self, x):
            x = self.drop(x)
            total = x.sum(axis=1, keepdims=True)
            return total / total * self.scale

    with pytest.raises(tw.TalwegError, match=r"divide made a NaN at \[\d, 0\] of its result \[4, 1\]"):
        model = Ratio()
        tw.fit(model, X, y, optimizer=optim.SGD(model), epochs=1000)


def test_gradients_are_looked_at(rng):
    X, y = data(rng)

    class Root(nn.Module):
        def forward(self, x):
            return tw.sqrt(x * 0)

    model = nn.Sequential(nn.Linear(3, 2, dtype="float64"), Root(), nn.Linear(2, 1, dtype="float64"))
    text = failure(model, X, y, check_gradients=True)
    assert 'the gradient [2, 3] of "0.weight" is not finite' in text and "the gradient of " in text
    # Without, it is noticed a step later, and the parameter is named.
    text = failure(model, X, y)
    assert 'batch 2: the loss is nan' in text and '"0.weight" [2, 3] was not finite before this batch' in text


def test_bad_data_are_named_first(rng):
    X, y = data(rng)
    X[7, 1] = np.nan
    model = nn.Linear(3, 1, dtype="float64")
    with pytest.raises(tw.TalwegError, match=r"the inputs \[12, 3\] hold NaN") as error:
        tw.fit(model, X, y, optimizer=optim.SGD(model))
    assert error.value.status == "TW_ERROR_NUMERIC"
