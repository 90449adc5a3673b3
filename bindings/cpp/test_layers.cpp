// Layers of convolution, pooling and normalisation: against the functions that they are over.
#include "test.hpp"

static Tensor counted(const std::vector<int64_t> &shape, int64_t count) {
    std::vector<double> values;
    for (int64_t i = 0; i < count; ++i) values.push_back(std::sin(static_cast<double>(i)));
    return Tensor(values, shape);
}

static void convolutions() {
    tw_conv_layer_options options = TW_CONV_LAYER_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    const Tensor x = counted({1, 2, 4, 5}, 40), line = counted({2, 2, 6}, 24);
    const Module one = Conv1d(2, 3, 2, options), two = Conv2d(2, 3, 3, 2, options);
    EXPECT(is(one(line), conv1d(line, one.parameter("weight"), one.parameter("bias")).to_vector()));
    EXPECT(is(two(x), conv2d(x, two.parameter("weight"), two.parameter("bias")).to_vector()));
    const Module up = ConvTranspose2d(2, 3, 3, 2, options), along = ConvTranspose1d(2, 1, 3, options);
    EXPECT(is(up(x), conv_transpose2d(x, up.parameter("weight"), up.parameter("bias")).to_vector()));
    EXPECT(is(along(line), conv_transpose1d(line, along.parameter("weight"), along.parameter("bias")).to_vector()));
    EXPECT((SeparableConv2d(2, 5, 3, 3, options)(x).shape() == std::vector<int64_t>{1, 5, 2, 3}));
    options.groups = 3;
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { Conv2d(2, 3, 3, 2, options); }));
}

static void pools() {
    const Tensor x = counted({1, 2, 4, 5}, 40), line = counted({2, 2, 6}, 24);
    EXPECT(is(MaxPool2d()(x), max_pool2d(x).to_vector()) && is(AvgPool2d()(x), avg_pool2d(x).to_vector()));
    EXPECT(is(MaxPool1d()(line), max_pool1d(line).to_vector()) && is(AvgPool1d()(line), avg_pool1d(line).to_vector()));
    EXPECT(is(AdaptiveAvgPool2d(3, 0)(x), adaptive_avg_pool2d(x, 3, 5).to_vector()));
    EXPECT(is(AdaptiveMaxPool2d(3, 2)(x), adaptive_max_pool2d(x, 3, 2).to_vector()));
    EXPECT(is(AdaptiveAvgPool1d(4)(line), adaptive_avg_pool1d(line, 4).to_vector()));
    EXPECT(is(AdaptiveMaxPool1d(4)(line), adaptive_max_pool1d(line, 4).to_vector()));
    EXPECT(is(GlobalAveragePool()(x), global_average_pool(x).to_vector()));
    EXPECT((Upsample()(x).shape() == std::vector<int64_t>{1, 2, 8, 10}) && is(Upsample()(x), upsample(x).to_vector()));
    EXPECT(is(PixelShuffle(1)(x), x.to_vector()) && throws(TW_ERROR_SHAPE, [&] { pixel_shuffle(x, 2); }));
}

static void norms() {
    tw_channel_norm_options options = TW_CHANNEL_NORM_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    tw_norm_options norm = TW_NORM_OPTIONS_INIT;
    norm.dtype = TW_FLOAT64;
    const Tensor x = counted({2, 2, 4, 5}, 80), line = counted({2, 2, 6}, 24);
    Module two = BatchNorm2d(2, options);
    EXPECT(near(two(x), batch_norm(x).to_vector()) && two.buffer("num_batches_tracked").item() == 1);
    two.eval();
    double sum = 0;
    for (int64_t i = 0; i < 20; ++i) sum += x.to_vector()[static_cast<size_t>(i)] + x.to_vector()[static_cast<size_t>(40 + i)];
    EXPECT(near(two.buffer("running_mean").to_vector()[0], 0.1 * sum / 40));
    EXPECT(near(BatchNorm1d(2, options)(line), batch_norm(line).to_vector()));
    EXPECT(near(InstanceNorm2d(2)(x), instance_norm(x).to_vector()) && near(InstanceNorm1d(2)(line), group_norm(line, 2).to_vector()));
    EXPECT(near(InstanceNorm2d(2, options)(x), group_norm(x, 2).to_vector()));
    EXPECT(near(InstanceNorm1d(2, options)(line), instance_norm(line).to_vector()));
    EXPECT(near(LayerNorm({6}, norm)(line), layer_norm(line).to_vector()));
    EXPECT(near(RMSNorm({6}, norm)(line), rms_norm(line, {}, 0x1p-52).to_vector()));
    EXPECT(near(GroupNorm(1, 2, norm)(x), group_norm(x, 1).to_vector()));
    EXPECT(is(LocalResponseNorm(3)(x), local_response_norm(x, 3).to_vector()));
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { GroupNorm(3, 2, norm); }));
}

void test_layers() {
    convolutions();
    pools();
    norms();
}
