"""The fit loop's steps: accumulation, limits, losses and metrics of one's own, clipping, memory."""

import numpy as np
import pytest

import talweg as tw
from talweg import nn, optim


def regression(rng, n=24, dtype="float64"):
    X = rng.normal(size=(n, 3)).astype(dtype)
    return X, (X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3).astype(dtype)


def linear(dtype="float64", seed=3):
    return nn.Linear(3, 1, dtype=dtype, generator=tw.random.Generator(seed))


def weights(model):
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}


@pytest.mark.parametrize(("batch", "accumulate"), [(4, 3), (2, 6), (1, 12)])
def test_accumulated_batches_are_one_large(rng, batch, accumulate):
    X, y = regression(rng, 30)  # the last update of an epoch has half as many rows
    large, small = linear(), linear()
    options = {"epochs": 4, "seed": 2, "l2": 0.01}
    one = tw.fit(large, X, y, optimizer=optim.Adam(large, lr=0.1), batch_size=12, **options)
    many = tw.fit(small, X, y, optimizer=optim.Adam(small, lr=0.1), batch_size=batch, accumulate=accumulate, **options)
    for name, value in weights(large).items():
        np.testing.assert_allclose(weights(small)[name], value, rtol=1e-10, atol=1e-12)
    assert many.steps == one.steps == [3, 3, 3, 3]
    np.testing.assert_allclose(many.loss, one.loss, rtol=1e-10)


def test_steps_end_the_fit(rng):
    X, y = regression(rng)
    model = linear()
    history = tw.fit(model, X, y, optimizer=optim.SGD(model), batch_size=4, max_steps=8)
    assert history.stop == "steps" and history.steps == [6, 2] and history.epochs == 2
    history = tw.fit(model, X, y, optimizer=optim.SGD(model), batch_size=4, max_steps=100, epochs=2)
    assert history.stop == "epochs" and history.steps == [6, 6]
    # The same updates, however they are counted.
    a, b = linear(), linear()
    tw.fit(a, X, y, optimizer=optim.SGD(a), batch_size=4, max_steps=12, seed=5)
    tw.fit(b, X, y, optimizer=optim.SGD(b), batch_size=4, epochs=2, seed=5)
    assert weights(a)["weight"].tolist() == weights(b)["weight"].tolist()


def test_validation_every_few_steps(rng):
    X, y = regression(rng)
    model = linear()
    seen = []

    class Watch(tw.Callback):
        def on_validation_end(self, event):
            mine = np.mean((tw.predict(model, X[20:]).numpy() - y[20:]) ** 2)
            seen.append((event.step, event.validation_loss, mine))

    history = tw.fit(
        model, X[:20], y[:20], optimizer=optim.SGD(model, lr=0.05), batch_size=4, epochs=3,
        validation_data=(X[20:], y[20:]), validation_steps=2, callbacks=[Watch()],
    )  # fmt: skip
    assert [step for step, _, _ in seen] == [2, 4, 6, 8, 10, 12, 14]
    np.testing.assert_allclose([loss for _, loss, _ in seen], [mine for _, _, mine in seen], rtol=1e-12)
    assert history.validation_loss == [seen[1][1], seen[4][1], seen[6][1]]


def test_best_of_the_validations_is_restored(rng):
    X, y = regression(rng)
    model = linear()
    kept = {}

    class Watch(tw.Callback):
        def on_validation_end(self, event):
            kept[event.validation_loss] = weights(model)

    # Towards -y: the loss of y rises from some step on.
    history = tw.fit(
        model, X, -y, optimizer=optim.SGD(model, lr=0.2), batch_size=8, epochs=50, validation_data=(X, y),
        validation_steps=1, patience=4, restore_best=True, callbacks=[Watch()],
    )  # fmt: skip
    best = min(kept)
    assert history.stop == "early" and list(kept).index(best) == len(kept) - 5
    np.testing.assert_array_equal(model.weight.numpy(), kept[best]["weight"])


def test_a_loss_of_ones_own(rng):
    X, y = regression(rng)
    a, b = linear(), linear()

    def squares(output, target):
        return ((output - target) ** 2).mean()

    first = tw.fit(a, X, y, optimizer=optim.SGD(a, lr=0.05), epochs=3, batch_size=8)
    second = tw.fit(b, X, y, optimizer=optim.SGD(b, lr=0.05), epochs=3, batch_size=8, loss=squares)
    np.testing.assert_allclose(second.loss, first.loss, rtol=1e-12)
    np.testing.assert_allclose(weights(b)["weight"], weights(a)["weight"], rtol=1e-12)
    assert second.accuracy == []


def test_losses_that_are_none(rng):
    X, y = regression(rng)
    model = linear()
    before = weights(model)
    optimizer = optim.SGD(model)
    with pytest.raises(ValueError, match=r"the loss has shape \[8, 1\], 8 elements.*mean"):
        tw.fit(model, X, y, optimizer=optimizer, batch_size=8, loss=lambda output, target: (output - target) ** 2)
    with pytest.raises(TypeError, match="not a Tensor"):
        tw.fit(model, X, y, optimizer=optimizer, loss=lambda output, target: 1.0)
    with pytest.raises(TypeError, match="floating"):
        tw.fit(model, X, y, optimizer=optimizer, loss=lambda output, target: tw.tensor(1))

    class Mine(Exception):
        pass

    def fails(output, target):
        raise Mine("in the loss")

    with pytest.raises(Mine, match="in the loss"):
        tw.fit(model, X, y, optimizer=optimizer, loss=fails)
    assert weights(model)["weight"].tolist() == before["weight"].tolist()


def test_rows_without_elements(rng):
    model = linear()
    with pytest.raises(ValueError, match="a batch would be empty"):
        tw.fit(model, np.zeros((4, 0)), np.zeros((4, 1)), optimizer=optim.SGD(model))
    with pytest.raises(ValueError, match="have no rows"):
        tw.fit(model, np.zeros((0, 3)), np.zeros((0, 1)), optimizer=optim.SGD(model))


def test_metrics(rng):
    X, y = regression(rng)
    model = linear()

    def absolute(output, target):
        assert not output.requires_grad
        return tw.abs(output - target).mean()

    history = tw.fit(
        model, X[:20], y[:20], optimizer=optim.SGD(model, lr=0.0), batch_size=8, epochs=2,
        validation_data=(X[20:], y[20:]), metrics={"mae": absolute, "one": lambda output, target: 1.0},
    )  # fmt: skip
    residuals = np.abs(tw.predict(model, X).numpy() - y)
    np.testing.assert_allclose(history.metrics["mae"], [residuals[:20].mean()] * 2, rtol=1e-12)
    np.testing.assert_allclose(history.metrics["validation_mae"], [residuals[20:].mean()] * 2, rtol=1e-12)
    assert history.metrics["one"] == [1, 1] and "mae" in history.to_dict()
    assert list(tw.fit(model, X, y, optimizer=optim.SGD(model), epochs=1, metrics=[absolute]).metrics) == ["absolute"]
    with pytest.raises(ZeroDivisionError):
        tw.fit(model, X, y, optimizer=optim.SGD(model), metrics={"bad": lambda output, target: 1 / 0})
    with pytest.raises(ValueError, match='metric ""'):
        tw.fit(model, X, y, optimizer=optim.SGD(model), metrics={"": absolute})


def test_gradients_are_clipped(rng):
    X, y = regression(rng, 8)
    model = linear()
    w, b = model.weight.numpy().copy(), model.bias.numpy().copy()
    residual = X @ w.T + b - 100 * y
    gradient = np.append((2 * residual.T @ X / 8).ravel(), 2 * residual.mean())
    assert np.linalg.norm(gradient) > 1
    tw.fit(model, X, 100 * y, optimizer=optim.SGD(model, lr=1.0), epochs=1, batch_size=8, max_norm=0.5)
    step = np.append((w - model.weight.numpy()).ravel(), b - model.bias.numpy())
    # With the guard of 1e-6 against a norm of 0.
    np.testing.assert_allclose(step, gradient * 0.5 / (np.linalg.norm(gradient) + 1e-6), rtol=1e-9)
    model = linear()
    tw.fit(model, X, 100 * y, optimizer=optim.SGD(model, lr=1.0), epochs=1, batch_size=8, max_value=0.25)
    step = np.append((w - model.weight.numpy()).ravel(), b - model.bias.numpy())
    np.testing.assert_allclose(step, np.clip(gradient, -0.25, 0.25), rtol=1e-12)


def test_updates_are_noted(rng):
    X, y = regression(rng)
    model = linear()
    history = tw.fit(
        model, X, y, optimizer=optim.SGD(model, lr=0.05), batch_size=4, epochs=2, record_steps=2, shuffle=False
    )
    records = history.records
    assert records.step == [2, 4, 6, 8, 10, 12] and records.learning_rate == [0.05] * 6
    assert all(seconds > 0 for seconds in records.seconds) and all(count > 0 for count in records.bytes)
    assert history.learning_rate == [0.05, 0.05] and len(history.step_seconds) == 2
    # The second batch's loss after one step from the start.
    again = linear()
    losses = []
    tw.fit(
        again, X, y, optimizer=optim.SGD(again, lr=0.05), batch_size=4, epochs=2, shuffle=False,
        callbacks=[tw.LambdaCallback(on_batch_end=lambda event: losses.append(event.loss))],
    )  # fmt: skip
    assert records.loss == losses[1::2]
    assert tw.fit(model, X, y, optimizer=optim.SGD(model), epochs=1).records.step == []


def test_schedules(rng):
    X, y = regression(rng)
    model = linear()
    optimizer = optim.SGD(model, lr=0.1)
    schedule = optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    history = tw.fit(
        model, X, y, optimizer=optimizer, epochs=2, batch_size=8, schedule=schedule, record_steps=1
    )
    np.testing.assert_allclose(history.records.learning_rate, 0.1 * 0.5 ** np.arange(6), rtol=1e-15)
    assert optimizer.lr == history.learning_rate[-1] == pytest.approx(0.1 * 0.5**6)
    optimizer = optim.SGD(model, lr=0.1)
    schedule = optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    history = tw.fit(
        model, X, y, optimizer=optimizer, epochs=3, batch_size=8, schedule=schedule, schedule_epochs=True,
        record_steps=3,
    )  # fmt: skip
    np.testing.assert_allclose(history.records.learning_rate, [0.1, 0.05, 0.025], rtol=1e-15)
    with pytest.raises(tw.TalwegError, match="another optimizer"):
        tw.fit(model, X, y, optimizer=optim.SGD(model), schedule=schedule)
    with pytest.raises(TypeError, match="schedule is a schedule"):
        tw.fit(model, X, y, optimizer=optimizer, schedule=3)


def test_several_inputs(rng):
    """x W z + b is linear in the products of x and z."""
    X, y = regression(rng)
    Z = rng.normal(size=(24, 2))
    model = nn.Bilinear(3, 2, 1, dtype="float64")
    products = nn.Linear(6, 1, dtype="float64")
    products.weight.assign(model.weight.numpy().reshape(1, 6))
    products.bias.assign(model.bias.numpy())
    P = (X[:, :, None] * Z[:, None, :]).reshape(24, 6)
    options = {"epochs": 3, "batch_size": 5, "seed": 4, "validation_split": 0.25}
    two = tw.fit(model, (X, Z), y, optimizer=optim.SGD(model, lr=0.1), **options)
    one = tw.fit(products, P, y, optimizer=optim.SGD(products, lr=0.1), **options)
    np.testing.assert_allclose(two.loss, one.loss, rtol=1e-10)
    np.testing.assert_allclose(two.validation_loss, one.validation_loss, rtol=1e-10)
    held = tw.fit(
        model, (X, Z), y, optimizer=optim.SGD(model, lr=0.0), epochs=1, batch_size=24, validation_data=((X, Z), y)
    )
    np.testing.assert_allclose(held.validation_loss, held.loss, rtol=1e-12)
    with pytest.raises(ValueError, match="2 inputs to train on, 1 to validate"):
        tw.fit(model, (X, Z), y, optimizer=optim.SGD(model), validation_data=((X,), y))
    with pytest.raises(ValueError, match="rows"):
        tw.fit(model, (X, Z[:5]), y, optimizer=optim.SGD(model))


@pytest.mark.parametrize("name", ["max_steps", "validation_steps", "record_steps", "max_norm", "max_value"])
def test_options_out_of_range(rng, name):
    X, y = regression(rng)
    model = linear()
    with pytest.raises(ValueError, match=name):
        tw.fit(model, X, y, optimizer=optim.SGD(model), **{name: -1})


def test_other_options_out_of_range(rng):
    X, y = regression(rng)
    model = linear()
    with pytest.raises(ValueError, match="accumulate is 0"):
        tw.fit(model, X, y, optimizer=optim.SGD(model), accumulate=0)
    with pytest.raises(ValueError, match="no validation rows"):
        tw.fit(model, X, y, optimizer=optim.SGD(model), validation_steps=5)
    with pytest.raises(ValueError, match="epochs is 0"):
        tw.fit(model, X, y, optimizer=optim.SGD(model), epochs=0)


def test_memory_is_flat(rng):
    X, y = regression(rng, 64, "float32")
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(0.1), nn.Linear(8, 1))
    optimizer = optim.Adam(model)
    used = []

    class Watch(tw.Callback):
        def on_epoch_end(self, event):
            used.append(tw.memory_stats()["bytes_in_use"])

    tw.fit(model, X, y, optimizer=optimizer, batch_size=4, max_steps=10_000, callbacks=[Watch()])
    assert len(used) == 625
    # Blocks that threads keep for themselves come and go; 100 steps' worth of growth would be far more.
    assert max(used[10:]) - min(used[10:]) <= 1 << 16
