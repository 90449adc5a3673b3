// Activations, containers, embeddings, positions and initialisers.
#include "test.hpp"

static Tensor whole(const std::vector<int64_t> &values) { return Tensor(values); }

static void activations() {
    const Tensor x = {-1, 0, 2};
    EXPECT(is(activate(x, TW_ACTIVATION_RELU6), {0, 0, 2}) && is(Activation(TW_ACTIVATION_HARDTANH)(x), {-1, 0, 1}));
    tw_activation_options options = TW_ACTIVATION_OPTIONS_INIT;
    options.slope = 0.5;
    EXPECT(is(Activation(TW_ACTIVATION_LEAKY_RELU, options)(x), {-0.5, 0, 2}));
    EXPECT(is(PReLU(1, 0.25, TW_FLOAT64)(x), {-0.25, 0, 2}) && is(prelu(x, Tensor{3}), {-3, 0, 2}));
    EXPECT(throws(TW_ERROR_SHAPE, [&] { activate(x, TW_ACTIVATION_GLU); }));
    options.lambda = -1;
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { Activation(TW_ACTIVATION_SOFTSHRINK, options); }));
}

static void containers() {
    const Tensor x = {{1, 2}, {3, 4}};
    const Module relu = Activation(TW_ACTIVATION_RELU);
    EXPECT(is(Residual(Identity())(x), {2, 4, 6, 8}) && is(Residual(Identity(), relu)(x), {2, 4, 6, 8}));
    EXPECT(Flatten(0)(x).shape() == (Shape{4}) && Unflatten(0, {2, 1})(x).shape() == (Shape{2, 1, 2}));
    const std::vector<Module> both = {Identity(), Activation(TW_ACTIVATION_IDENTITY)};
    EXPECT(is(Parallel(both)(x), {2, 4, 6, 8}) && is(Parallel(both, TW_PARALLEL_MEAN)(x), {1, 2, 3, 4}));
    EXPECT(Parallel(both, TW_PARALLEL_CONCATENATE, 0)(x).shape() == (Shape{4, 2}));
    EXPECT(Parallel(both, TW_PARALLEL_SEPARATE).call({&x}, 2).size() == 2);
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [] { Parallel({}); }));
    // One output, y = 1 * 3 + 2 * 4 + 1.
    EXPECT(is(bilinear(Tensor{1, 2}, Tensor{3, 4}, eye(2, 2, TW_FLOAT64).reshape({1, 2, 2}), Tensor{1}), {12}));
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    options.initializer = TW_INIT_ONES;
    options.dtype = TW_FLOAT64;
    const Tensor a = {1, 2}, b = {3, 4};
    EXPECT(is(Bilinear(2, 2, 1, options).call({&a, &b})[0], {21}));
}

static void dropout_of_structures() {
    const Tensor x = ones({50, 4, 3});
    const Tensor kept = ChannelDropout(0.5, 3)(x);
    EXPECT(near(sum(max(kept, {2}) - min(kept, {2})).item(), 0));
    EXPECT(is(StochasticDepth(0)(Tensor{1, 2}), {1, 2}) && alpha_dropout(x, 0.25).shape() == x.shape());
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { channel_dropout(x, 1); }));
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { AlphaDropout(-0.1); }));
    EXPECT(stochastic_depth(x, 0.5, TW_STOCHASTIC_DEPTH_BATCH).shape() == x.shape());
}

static void tables() {
    const Tensor table = {{1, 2}, {3, 4}, {5, 6}};
    const Tensor ids = whole({0, 2, 2, 1});
    EXPECT(is(embedding(table, ids, 0), {1, 2, 5, 6, 5, 6, 3, 4}));
    tw_bag_options bag = TW_BAG_OPTIONS_INIT;
    bag.mode = TW_BAG_SUM;
    EXPECT(is(embedding_bag(table, ids, whole({0, 2, 2}), {}, bag), {6, 8, 0, 0, 8, 10}));
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { embedding_bag(table, ids, whole({0, 3, 2})); }));
    tw_embedding_options options = TW_EMBEDDING_OPTIONS_INIT;
    options.weight = table.get();
    EXPECT(is(Embedding(3, 2, options)(ids), {1, 2, 5, 6, 5, 6, 3, 4}));
    EXPECT(is(EmbeddingBag(3, 2, bag, options)(ids.reshape({2, 2})), {6, 8, 8, 10}));
    embedding_limit(table.detach(), ids, 5);
    EXPECT(near(table.to_vector()[2], 3) && near(table.to_vector()[4], 5 * 5 / std::sqrt(61), 1e-6));
}

static void positions() {
    EXPECT(is(sinusoidal_positions(1, 4, 0, 10000, TW_FLOAT64), {0, 1, 0, 1}));
    const Tensor x = {{1, 0}, {1, 0}};
    const std::vector<double> turned = {1, 0, std::cos(1), std::sin(1)};
    EXPECT(near(rotary(x), turned) && near(RotaryPositions()(x), turned));
    tw_rotary_options options = TW_ROTARY_OPTIONS_INIT;
    options.offset = 2;
    const std::vector<double> further = {std::cos(2), std::sin(2), std::cos(3), std::sin(3)};
    EXPECT(near(rotary(x, whole({0, 1}), options), further));
    EXPECT(near(SinusoidalPositions(2)(x), {1, 1, 1 + std::sin(1), std::cos(1)}));
    tw_linear_options start = TW_LINEAR_OPTIONS_INIT;
    start.initializer = TW_INIT_ONES;
    start.dtype = TW_FLOAT64;
    EXPECT(is(LearnedPositions(2, 2, start)(x), {2, 1, 2, 1}));
}

static void initializers() {
    const Tensor x = zeros({2, 2}, TW_FLOAT64);
    initialize(x, TW_INIT_EYE);
    EXPECT(is(x, {1, 0, 0, 1}));
    tw_initializer_options options = TW_INITIALIZER_OPTIONS_INIT;
    options.scale = 7;
    initialize(x, TW_INIT_CONSTANT, options);
    EXPECT(is(x, {7, 7, 7, 7}) && near(initializer_gain(TW_ACTIVATION_TANH), 5.0 / 3));
    EXPECT(near(initializer_gain(TW_ACTIVATION_LEAKY_RELU, 1), 1));
    EXPECT(throws(TW_ERROR_SHAPE, [] { initialize(zeros({3}), TW_INIT_ORTHOGONAL); }));
}

void test_basics() {
    activations();
    containers();
    dropout_of_structures();
    tables();
    positions();
    initializers();
}
