"""Attention layers and transformers against PyTorch (fixtures); decoding with a cache against the whole pass."""

import numpy as np
import pytest

import talweg as tw
from sequence_fixtures import DTYPES, Fixtures, check
from talweg import nn
from talweg.nn import functional as F

fixtures = Fixtures("transformer")


def make(case, dtype):
    kind, arguments = case["kind"], case["arguments"]
    if not case.get("layers"):
        return getattr(nn, kind)(**arguments, dtype=dtype)
    layer = getattr(nn, f"{kind}Layer")(**arguments, dtype=dtype)
    norm = nn.LayerNorm(arguments["d_model"], bias=arguments["bias"], dtype=dtype) if case["norm"] else None
    return getattr(nn, kind)(layer, case["layers"], norm)


def run_for(case):
    def run(module, inputs):
        inputs = dict(inputs)
        if case["kind"] == "MultiheadAttention":
            query = inputs.pop("query")
            key = inputs.pop("key", query)
            value = inputs.pop("value", key)
            y, w = module(query, key, value, need_weights=case["weights"], is_causal=case["causal"], **inputs)
            return [y, w] if case["weights"] else [y]
        if "Decoder" in case["kind"]:
            return [module(inputs.pop("tgt"), inputs.pop("memory"), tgt_is_causal=case["causal"], **inputs)]
        if "mask" in inputs and case["kind"] == "TransformerEncoderLayer":
            inputs["src_mask"] = inputs.pop("mask")
        return [module(inputs.pop("src"), is_causal=case["causal"], **inputs)]

    return run


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", range(len(fixtures.cases)))
def test_as_pytorch(number, dtype):
    check(fixtures, number, dtype, make, run_for(fixtures.cases[number]))


# ---- Multi-head attention -------------------------------------------------------------


def test_parameters_are_pytorchs():
    def shapes(module):
        return {name: tuple(parameter.shape) for name, parameter in module.named_parameters()}

    assert shapes(nn.MultiheadAttention(8, 2)) == {
        "in_proj_weight": (24, 8), "in_proj_bias": (24,), "out_proj.weight": (8, 8), "out_proj.bias": (8,),
    }  # fmt: skip
    assert shapes(nn.MultiheadAttention(8, 4, bias=False, kv_heads=2)) == {
        "in_proj_weight": (16, 8), "out_proj.weight": (8, 8),
    }  # fmt: skip
    assert list(shapes(nn.MultiheadAttention(8, 2, kdim=3, vdim=5))) == [
        "q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias",
    ]  # fmt: skip
    attention = nn.MultiheadAttention(8, 2)
    assert attention.in_proj_weight.shape == (24, 8) and attention.out_proj.bias.shape == (8,)
    # As PyTorch starts it: Xavier's uniform weights, biases of 0.
    assert np.abs(np.asarray(attention.in_proj_weight.detach())).max() <= (6 / 32) ** 0.5
    assert not np.asarray(attention.in_proj_bias.detach()).any()
    assert not np.asarray(attention.out_proj.bias.detach()).any()


def test_weights_and_the_quick_way_agree(rng):
    x = rng.normal(size=(5, 3, 8))
    attention = nn.MultiheadAttention(8, 2, dtype="float64")
    y, w = attention(x, x, x)
    quick, none = attention(x, x, x, need_weights=False)
    assert none is None and w.shape == (3, 5, 5)
    np.testing.assert_allclose(np.asarray(y.detach()), np.asarray(quick.detach()), rtol=0, atol=1e-13)
    np.testing.assert_allclose(np.asarray(w.sum(axis=-1).detach()), 1, atol=1e-13)
    _, each = attention(x, x, x, average_attn_weights=False)
    np.testing.assert_allclose(np.asarray(each.mean(axis=1).detach()), np.asarray(w.detach()), atol=1e-14)


def test_masked_out_rows_are_zeros(rng):
    x = rng.normal(size=(4, 1, 6))
    attention = nn.MultiheadAttention(6, 2, bias=False, dtype="float64")
    mask = np.zeros((4, 4), bool)
    mask[2] = True
    y, _ = attention(x, x, x, attn_mask=mask, need_weights=False)
    y = np.asarray(y.detach())
    assert (y[2] == 0).all() and (y[[0, 1, 3]] != 0).any()


def test_dropout_of_weights(rng):
    x = rng.normal(size=(6, 2, 8))
    attention = nn.MultiheadAttention(8, 2, dropout=0.5, dtype="float64")
    still, _ = attention.eval()(x, x, x, need_weights=False)
    again, _ = attention(x, x, x, need_weights=False)
    np.testing.assert_array_equal(np.asarray(still.detach()), np.asarray(again.detach()))
    attention.train()
    tw.manual_seed(5)
    quick, _ = attention(x, x, x, need_weights=False)
    tw.manual_seed(5)
    slow, w = attention(x, x, x, average_attn_weights=False)
    np.testing.assert_allclose(np.asarray(quick.detach()), np.asarray(slow.detach()), rtol=0, atol=1e-12)
    zeros = (np.asarray(w.detach()) == 0).mean()
    assert 0.3 < zeros < 0.7


def test_a_mask_learns(rng):
    bias = tw.asarray(rng.normal(size=(5, 5)))
    bias.requires_grad = True
    x = rng.normal(size=(5, 2, 4))
    attention = nn.MultiheadAttention(4, 2, dtype="float64")
    attention(x, x, x, attn_mask=bias, need_weights=False)[0].sum().backward()
    assert bias.grad is not None and np.asarray(bias.grad).any()


def test_bad_attention(rng):
    for arguments in (
        (8, 3), (0, 1), (8, 0), (-8, 2), (2**62, 1),
    ):  # fmt: skip
        with pytest.raises((ValueError, MemoryError)):
            nn.MultiheadAttention(*arguments)
    for options in (
        {"kv_heads": 3}, {"kv_heads": 0}, {"kv_heads": -1}, {"dropout": 1.0}, {"kdim": -1}, {"add_bias_kv": True},
        {"add_zero_attn": True}, {"rotary": True, "rotary_base": 0.0}, {"rotary": True, "rotary_base": float("nan")},
    ):  # fmt: skip
        with pytest.raises(ValueError):
            nn.MultiheadAttention(8, 4, **options)
    with pytest.raises(ValueError, match="even"):
        nn.MultiheadAttention(9, 3, rotary=True)
    attention = nn.MultiheadAttention(8, 2, dtype="float64")
    x = rng.normal(size=(5, 3, 8))
    with pytest.raises(ValueError, match=r"the query is \[5, 3, 7\]"):
        attention(x[..., :7], need_weights=False)
    with pytest.raises(ValueError, match="the key is"):
        attention(x, x[..., :7], need_weights=False)
    with pytest.raises(ValueError, match="do not fit"):
        attention(x, x[:, :2], need_weights=False)
    with pytest.raises(ValueError):
        attention(x, x[:4], x, need_weights=False)
    with pytest.raises(ValueError, match="broadcast"):
        attention(x, attn_mask=np.zeros((4, 5), bool), need_weights=False)
    with pytest.raises(ValueError, match="batch"):
        attention(x, attn_mask=np.zeros((5, 5, 5), bool), need_weights=False)
    with pytest.raises(ValueError, match="key mask"):
        attention(x, key_padding_mask=np.zeros((2, 5), bool), need_weights=False)
    with pytest.raises(TypeError, match="padding"):
        attention(x, key_padding_mask=np.zeros((3, 5)), need_weights=False)
    with pytest.raises(TypeError):
        attention(x.astype("float32"), need_weights=False)
    with pytest.raises(TypeError, match="KeyValueCache"):
        attention(x, cache=3, need_weights=False)
    assert attention(np.zeros((0, 3, 8)), need_weights=False)[0].shape == (0, 3, 8)
    assert attention(x, need_weights=False)[0].shape == (5, 3, 8)


# ---- Decoding -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "options",
    [{}, {"kv_heads": 2}, {"rotary": True}, {"kv_heads": 1, "rotary": True, "batch_first": True}],
)
def test_cached_attention(rng, dtype, options):
    batch_first = options.get("batch_first", False)
    attention = nn.MultiheadAttention(16, 4, dtype=dtype, **options)
    x = rng.normal(size=(9, 3, 16)).astype(dtype)
    cut = (lambda a, b: x[a:b].swapaxes(0, 1).copy()) if batch_first else (lambda a, b: x[a:b])
    with tw.no_grad():
        whole, _ = attention(cut(0, 9), is_causal=True, need_weights=False)
        cache = nn.KeyValueCache(9)
        assert len(cache) == 0 and cache.capacity == 9
        for _ in range(2):
            parts = []
            for a, b in ((0, 4), (4, 5), (5, 7), (7, 8), (8, 9)):
                y, w = attention(cut(a, b), is_causal=True, cache=cache, need_weights=False)
                assert w is None and len(cache) == b
                parts.append(np.asarray(y))
            together = np.concatenate(parts, axis=1 if batch_first else 0)
            np.testing.assert_allclose(together, np.asarray(whole), rtol=0, atol=1e-6 if dtype == "float32" else 1e-14)
            cache.reset()
            assert len(cache) == 0


@pytest.mark.parametrize("norm_first", [False, True])
def test_cached_encoder(rng, norm_first):
    layer = nn.TransformerEncoderLayer(
        16, 4, 20, activation="swiglu", norm="rms", norm_first=norm_first, causal=True, rotary=True, kv_heads=2,
        dtype="float64",
    )  # fmt: skip
    net = nn.TransformerEncoder(layer, 3).eval()
    x = rng.normal(size=(7, 2, 16))
    with tw.no_grad():
        whole = np.asarray(net(x))
        cache = nn.KeyValueCache(8)
        parts = [np.asarray(net(x[a:b], cache=cache)) for a, b in ((0, 3), (3, 4), (4, 5), (5, 6), (6, 7))]
        np.testing.assert_allclose(np.concatenate(parts), whole, rtol=0, atol=1e-13)
        assert len(cache) == 7
        # Another batch after a reset.
        cache.reset()
        np.testing.assert_allclose(np.asarray(net(x[:2, :1], cache=cache)), whole[:2, :1], rtol=0, atol=1e-13)


def test_cached_decoder(rng):
    layer = nn.TransformerDecoderLayer(8, 2, 12, dtype="float64")
    net = nn.TransformerDecoder(layer, 2, nn.LayerNorm(8, dtype="float64")).eval()
    x, memory = rng.normal(size=(5, 3, 8)), rng.normal(size=(6, 3, 8))
    padded = np.zeros((3, 6), bool)
    padded[1, 4:] = True
    with tw.no_grad():
        whole = np.asarray(net(x, memory, tgt_is_causal=True, memory_key_padding_mask=padded))
        cache = nn.KeyValueCache(5)
        for step in range(5):
            y = net(x[step : step + 1], memory, tgt_is_causal=True, memory_key_padding_mask=padded, cache=cache)
            np.testing.assert_allclose(np.asarray(y), whole[step : step + 1], rtol=0, atol=1e-13)
            assert len(cache) == step + 1


def test_bad_decoding(rng):
    for capacity in (0, -1, -(2**62)):
        with pytest.raises(ValueError, match="capacity"):
            nn.KeyValueCache(capacity)
    layer = nn.TransformerEncoderLayer(8, 2, 12, dtype="float64")
    net = nn.TransformerEncoder(layer, 2).eval()
    x = rng.normal(size=(4, 2, 8))
    cache = nn.KeyValueCache(6)
    with pytest.raises(Exception, match="keeps no gradient"):
        net(x, cache=cache)
    assert len(cache) == 0
    with tw.no_grad():
        net(x, cache=cache)
        before = np.asarray(net(x[:1], is_causal=True, cache=cache))
        # What fails changes nothing.
        with pytest.raises(Exception, match="5 positions of 6, and 2 more"):
            net(x[:2], cache=cache)
        with pytest.raises(ValueError, match="reset it for another batch"):
            net(x[:1, :1], cache=cache)
        with pytest.raises(ValueError, match="broadcast"):
            net(x[:1], mask=np.zeros((1, 5), bool), cache=cache)
        assert len(cache) == 5
        again = nn.KeyValueCache(6)
        net(x, cache=again)
        np.testing.assert_array_equal(np.asarray(net(x[:1], is_causal=True, cache=again)), before)
        assert net(x[:1], mask=np.zeros((1, 6), bool), cache=cache).shape == (1, 2, 8)
        # More than there is memory for.
        with pytest.raises((ValueError, MemoryError)):
            net(x, cache=nn.KeyValueCache(2**61))
        with pytest.raises((ValueError, MemoryError)):
            net(x, cache=nn.KeyValueCache(2**45))
    assert net(x).shape == (4, 2, 8)


# ---- Layers and stacks ----------------------------------------------------------------


def test_stacks_are_made_of_copies_or_of_layers():
    layer = nn.TransformerEncoderLayer(8, 2, 12)
    net = nn.TransformerEncoder(layer, 3, nn.LayerNorm(8))
    names = [name for name, _ in net.named_parameters()]
    assert names[0] == "layers.0.self_attn.in_proj_weight" and names[-1] == "norm.bias" and len(names) == 38
    assert len(net.layers) == 3 and isinstance(net.layers[1], nn.TransformerEncoderLayer)
    for one in net.layers:
        weights = one.linear1.weight.detach(), layer.linear1.weight.detach()
        np.testing.assert_array_equal(np.asarray(weights[0]), np.asarray(weights[1]))
    net.layers[0].linear1.weight.detach().assign(np.zeros((12, 8), "float32"))
    assert np.asarray(layer.linear1.weight.detach()).any() and np.asarray(net.layers[1].linear1.weight.detach()).any()
    held = nn.TransformerEncoder([layer, nn.TransformerEncoderLayer(8, 2, 9)])
    assert held.layers[0] is layer and held.num_layers == 2


def test_dropout_is_of_training(rng):
    layer = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.3, dtype="float64")
    x = rng.normal(size=(4, 2, 8))
    assert (np.asarray(layer(x).detach()) != np.asarray(layer(x).detach())).any()
    layer.eval()
    np.testing.assert_array_equal(np.asarray(layer(x).detach()), np.asarray(layer(x).detach()))


def test_activation_as_a_function(rng):
    layer = nn.TransformerEncoderLayer(8, 2, 12, activation=F.gelu, dtype="float64")
    other = nn.TransformerEncoderLayer(8, 2, 12, activation="gelu", dtype="float64")
    other.load_state_dict(layer.state_dict())
    x = rng.normal(size=(4, 2, 8))
    np.testing.assert_array_equal(np.asarray(layer.eval()(x).detach()), np.asarray(other.eval()(x).detach()))


def test_bad_layers(rng):
    for kind in (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer):
        for options in (
            {"nhead": 3}, {"dim_feedforward": 0}, {"dropout": 1.0}, {"activation": "exp"}, {"norm": "batch"},
            {"kv_heads": 3}, {"layer_norm_eps": -1.0}, {"d_model": 0}, {"dim_feedforward": 2**61},
        ):  # fmt: skip
            with pytest.raises((ValueError, MemoryError)):
                kind(**{"d_model": 8, "nhead": 4, **options})
    layer = nn.TransformerEncoderLayer(8, 2, 12, dtype="float64")
    x = rng.normal(size=(4, 2, 8))
    with pytest.raises(ValueError, match="needed"):
        layer(x[..., :7])
    with pytest.raises(ValueError, match="needed"):
        layer(np.zeros(8))
    decoder = nn.TransformerDecoderLayer(8, 2, 12, dtype="float64")
    with pytest.raises(ValueError, match="memory"):
        decoder(x, x[..., :7])
    with pytest.raises(ValueError, match="needs a memory"):
        decoder(x, None)
    for layers, count in (([], None), (layer, 0), (layer, None)):
        with pytest.raises(ValueError):
            nn.TransformerEncoder(layers, count)
    with pytest.raises(TypeError):
        nn.TransformerEncoder(nn.Linear(8, 8), 2)
    with pytest.raises(ValueError, match="no layer of a transformer"):
        nn.TransformerEncoder([nn.Linear(8, 8)])
    assert layer(x).shape == (4, 2, 8)
