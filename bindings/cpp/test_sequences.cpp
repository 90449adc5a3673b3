// Layers of sequences: outputs' shapes, decoding with a cache against the whole pass, checkpointed gradients.
#include "test.hpp"

static void recurrent_layers() {
    tw_recurrent_options options = TW_RECURRENT_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.layers = 2;
    options.bidirectional = true;
    Module lstm = LSTM(3, 4, options);
    Tensor x = ones({5, 2, 3}, TW_FLOAT64), lengths = Tensor{5, 2}.cast(TW_INT64);
    Tensors outputs = lstm.call({&x, nullptr, nullptr, &lengths}, 3);
    EXPECT(outputs.size() == 3 && outputs[0].shape() == (Shape{5, 2, 8}) && outputs[1].shape() == (Shape{4, 2, 4}));
    options.layers = 1;
    options.bidirectional = false;
    Module cell = GRUCell(3, 4, options);
    EXPECT(cell(ones({2, 3}, TW_FLOAT64)).shape() == (Shape{2, 4}));
    EXPECT(RNN(3, 4, options)(x).shape() == (Shape{5, 2, 4}));
    Tensor wrong = Tensor{6, 2}.cast(TW_INT64);
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { lstm.call({&x, nullptr, nullptr, &wrong}, 3); }));
}

static void decoding() {
    tw_transformer_options options = TW_TRANSFORMER_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    options.feed_forward = 12;
    options.causal = options.rotary = true;
    Module net = TransformerEncoder({TransformerEncoderLayer(8, 2, options), TransformerEncoderLayer(8, 2, options)});
    net.eval();
    NoGrad off;
    Tensor x = arange(0, 32, 1, TW_FLOAT64).reshape({4, 1, 8}), whole = net(x);
    KeyValueCache cache(4);
    tw_attention_context context = TW_ATTENTION_CONTEXT_INIT;
    context.cache = cache.get();
    for (int64_t step = 0; step < 4; ++step) {
        Tensor y = transformer_forward(net, x.slice(0, step, step + 1), {}, context);
        EXPECT(near(y, whole.slice(0, step, step + 1).to_vector(), 1e-12) && cache.length() == step + 1);
    }
    EXPECT(throws(TW_ERROR_STATE, [&] { transformer_forward(net, x, {}, context); }));
    cache.reset();
    EXPECT(cache.length() == 0 && cache.capacity() == 4);

    tw_multihead_attention_options heads = TW_MULTIHEAD_ATTENTION_OPTIONS_INIT;
    heads.dtype = TW_FLOAT64;
    Tensor weights;
    Module attention = MultiheadAttention(8, 2, heads);
    Tensor y = multihead_attention(attention, x, {}, {}, TW_ATTENTION_CONTEXT_INIT, &weights);
    EXPECT(y.shape() == x.shape() && weights.shape() == (Shape{1, 2, 4, 4}));
}

static void checkpointing() {
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    Module plain = Sequential({Linear(3, 4, options), Tanh(), Dropout(0.5, 3), Linear(4, 2, options)});
    Module checkpointed = Checkpointed(plain);
    Tensor x = ones({5, 3}, TW_FLOAT64);
    sum(checkpointed(x)).backward();
    Tensor found = copy(plain.parameter(0).grad());
    Module again = Sequential({Linear(3, 4, options), Tanh(), Dropout(0.5, 3), Linear(4, 2, options)});
    for (int64_t i = 0; i < 4; ++i) again.parameter(i).assign(plain.parameter(i));
    sum(again(x)).backward();
    EXPECT(is(found, again.parameter(0).grad().to_vector()));
}

void test_sequences() {
    recurrent_layers();
    decoding();
    checkpointing();
}
